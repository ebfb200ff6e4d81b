"""Puts back jobs that failed or were cancelled; what they came to is nobody's to read any more."""

from engine.jobs.command import Redrive
from engine.jobs.job import PRIORITY_STRETCH_S, Job
from engine.jobs.status import Status
from engine.storage.job_rows import job_of
from engine.storage.postgres.jobs import JOBS
from engine.storage.postgres.results import forget
from engine.storage.postgres.standing import standings
from engine.storage.postgres.transaction import Transaction

REDRIVE = """
    UPDATE jobs SET status = 'queued', rank = $1::float8 - priority * $2::float8, updated_at = $1, started_at = NULL,
        completed_at = NULL, attempts = 0, losses = 0, ran_s = 0.0, error_type = NULL, error_message = NULL,
        stages = NULL
    WHERE id = ANY($3::text[])
"""


async def redrive(transaction: Transaction, command: Redrive) -> tuple[Job | None, ...]:
    """Each job as it was before."""
    known = await standings(transaction, command.job_ids)
    jobs = {row[0]: job_of(row) for row in await transaction.rows(JOBS, list(command.job_ids))}
    back = [job for job in jobs.values() if job.status.may_start_anew]
    ids = sorted(job.id for job in back)
    if back:
        await transaction.run(REDRIVE, transaction.now, PRIORITY_STRETCH_S, ids)
        await forget(transaction, ids)
    for job in back:
        transaction.moved(job.id, known[job.id].lane, job.status, Status.QUEUED, known[job.id].cohort)
    return tuple(jobs.get(job_id) for job_id in command.job_ids)
