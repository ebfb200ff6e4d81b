"""Puts back jobs that failed or were cancelled; what they came to is nobody's to read any more."""

from engine.jobs.command import Redrive
from engine.jobs.job import PRIORITY_STRETCH_S, Job
from engine.jobs.status import Status
from engine.storage.codec import dumps
from engine.storage.job_rows import job_of
from engine.storage.sqlite.jobs import JOBS
from engine.storage.sqlite.results import forget
from engine.storage.sqlite.standing import standings
from engine.storage.sqlite.transaction import Transaction

REDRIVE = """
    UPDATE jobs SET status = 'queued', rank = ?1 - priority * ?2, updated_at = ?1, started_at = NULL,
        completed_at = NULL, attempts = 0, losses = 0, ran_s = 0.0, error_type = NULL, error_message = NULL,
        stages = NULL
    WHERE id IN (SELECT value FROM json_each(?3))
"""


def redrive(transaction: Transaction, command: Redrive) -> tuple[Job | None, ...]:
    """Each job as it was before."""
    jobs = {row[0]: job_of(row) for row in transaction.rows(JOBS, dumps(command.job_ids))}
    back = sorted((job for job in jobs.values() if job.status.may_start_anew), key=lambda job: job.id)
    if back:
        ids = dumps([job.id for job in back])
        transaction.run(REDRIVE, transaction.now, PRIORITY_STRETCH_S, ids)
        forget(transaction, ids)
    known = standings(transaction, [job.id for job in back])
    for job in back:
        transaction.moved(job.id, known[job.id].lane, job.status, Status.QUEUED, known[job.id].cohort)
    return tuple(jobs.get(job_id) for job_id in command.job_ids)
