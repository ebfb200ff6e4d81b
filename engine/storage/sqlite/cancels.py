"""Cancels jobs that are not final yet; a running one is settled by it, and its fence settles nothing more."""

from collections.abc import Iterable, Sequence

from engine.jobs.command import Cancel, CancelBatch, CancelMany, ClearQueue, Reached
from engine.jobs.job import Job
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from engine.storage.codec import dumps
from engine.storage.job_rows import job_of
from engine.storage.reached import reached
from engine.storage.sqlite.jobs import JOBS
from engine.storage.sqlite.standing import STANDING, standings
from engine.storage.sqlite.transaction import Transaction
from engine.storage.standing import Standing

CANCEL = """
    UPDATE jobs SET status = 'cancelled', due_at = NULL, owner = NULL, lease_until = NULL, completed_at = ?1,
        updated_at = ?1, error_type = 'cancelled'
    WHERE id IN (SELECT value FROM json_each(?2))
"""
OPEN_OF_BATCH = f"""
    SELECT json_group_array({STANDING}) FROM (
        SELECT * FROM jobs WHERE batch_id = ? AND status IN ('queued', 'running') ORDER BY created_at LIMIT ?)
"""  # noqa: S608 - constants
DUE = f"""
    SELECT json_group_array({STANDING}) FROM (
        SELECT * FROM jobs WHERE status = 'queued' AND due_at IS NULL ORDER BY lane, rank LIMIT ?)
"""  # noqa: S608 - constants
SCHEDULED = f"""
    SELECT json_group_array({STANDING}) FROM (SELECT * FROM jobs WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ?)
"""  # noqa: S608 - constants
TO_STOP = """
    SELECT json_group_array(id) FROM batches CROSS JOIN counts ON batch_id = id AND status = 'queued'
    WHERE stop_on_error AND n > 0 AND id IN (SELECT value FROM json_each(?))
"""
QUEUED_OF_BATCH = f"SELECT json_group_array({STANDING}) FROM jobs WHERE batch_id = ? AND status = 'queued'"  # noqa: S608 - constants


def cancel(transaction: Transaction, cancels: Sequence[Cancel]) -> list[Job | None]:
    """Each job as it is then."""
    job_ids = [cancel.job_id for cancel in cancels]
    cancel_open(transaction, standings(transaction, job_ids).values())
    jobs = {row[0]: job_of(row) for row in transaction.rows(JOBS, dumps(job_ids))}
    return [jobs.get(cancel.job_id) for cancel in cancels]


def cancel_many(transaction: Transaction, command: CancelMany) -> Reached:
    known = standings(transaction, command.job_ids)
    cancelled = cancel_open(transaction, known.values())
    return reached(command.job_ids, known, cancelled)


def cancel_batch(transaction: Transaction, command: CancelBatch) -> Reached:
    found = transaction.parsed(OPEN_OF_BATCH, command.batch_id, command.limit)
    return Reached(job_ids=tuple(cancel_open(transaction, [Standing(*row) for row in found])))


def clear_queue(transaction: Transaction, command: ClearQueue) -> Reached:
    found = transaction.parsed(DUE, command.limit)
    if len(found) < command.limit:
        found += transaction.parsed(SCHEDULED, command.limit - len(found))
    return Reached(job_ids=tuple(cancel_open(transaction, [Standing(*row) for row in found])))


def stop(transaction: Transaction) -> None:
    """After the fold: of batches that stop on an error and had one, what is queued."""
    if not transaction.failed_in:
        return
    for batch_id in transaction.parsed(TO_STOP, dumps(sorted(transaction.failed_in))):
        queued = transaction.parsed(QUEUED_OF_BATCH, batch_id)
        cancel_open(transaction, [Standing(*row) for row in queued])
    transaction.fold()


def cancel_open(transaction: Transaction, found: Iterable[Standing]) -> list[str]:
    """Returns the ids of those that were not final."""
    open_ones = [standing for standing in found if not standing.is_final]
    job_ids = [standing.job_id for standing in open_ones]
    if open_ones:
        transaction.run(CANCEL, transaction.now, dumps(job_ids))
        transaction.ends[ErrorType.CANCELLED] += len(job_ids)
    for standing in open_ones:
        transaction.moved(standing.job_id, standing.lane, standing.place, Status.CANCELLED, standing.cohort)
    return job_ids
