"""Cancels jobs that are not final yet; a running one is settled by it, and its fence settles nothing more."""

from collections.abc import Sequence

from engine.jobs.command import Cancel
from engine.jobs.job import Job
from engine.jobs.status import Status
from engine.storage.codec import dumps
from engine.storage.sqlite.job_rows import JOBS, job_of
from engine.storage.sqlite.standing import standings
from engine.storage.sqlite.transaction import Transaction

CANCEL = """
    UPDATE jobs SET status = 'cancelled', due_at = NULL, owner = NULL, lease_until = NULL, completed_at = ?1,
        updated_at = ?1, error_type = 'cancelled'
    WHERE id IN (SELECT value FROM json_each(?2))
"""


def cancel(transaction: Transaction, cancels: Sequence[Cancel]) -> list[Job | None]:
    """Each job as it is then."""
    job_ids = [cancel.job_id for cancel in cancels]
    open_ones = [standing for standing in standings(transaction, job_ids).values() if not standing.is_final]
    if open_ones:
        transaction.run(CANCEL, transaction.now, dumps([standing.job_id for standing in open_ones]))
    for standing in open_ones:
        transaction.moved(standing.job_id, standing.lane, standing.place, Status.CANCELLED)
    jobs = {row[0]: job_of(row) for row in transaction.rows(JOBS, dumps(job_ids))}
    return [jobs.get(cancel.job_id) for cancel in cancels]
