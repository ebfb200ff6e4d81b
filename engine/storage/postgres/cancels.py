"""Cancels jobs that are not final yet; a running one is settled by it, and its fence settles nothing more."""

from collections.abc import Iterable, Sequence

from engine.jobs.command import Cancel, CancelBatch, CancelMany, ClearQueue, Reached
from engine.jobs.job import Job
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from engine.storage.job_rows import job_of
from engine.storage.postgres.jobs import JOBS
from engine.storage.postgres.standing import STANDING, standings
from engine.storage.postgres.transaction import Transaction
from engine.storage.reached import reached
from engine.storage.standing import Standing

CANCEL = """
    UPDATE jobs SET status = 'cancelled', due_at = NULL, owner = NULL, lease_until = NULL, completed_at = $1,
        updated_at = $1, error_type = 'cancelled'
    WHERE id = ANY($2::text[])
"""
OPEN_OF_BATCH = f"""
    SELECT {STANDING} FROM jobs WHERE batch_id = $1 AND status IN ('queued', 'running') ORDER BY created_at LIMIT $2
    FOR UPDATE
"""  # noqa: S608 - constants
DUE = f"""
    SELECT {STANDING} FROM jobs WHERE status = 'queued' AND due_at IS NULL ORDER BY lane, rank LIMIT $1
    FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - constants
SCHEDULED = f"""
    SELECT {STANDING} FROM jobs WHERE due_at IS NOT NULL ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - constants
TO_STOP = """
    SELECT id FROM batches WHERE id = ANY($1::text[]) AND stop_on_error = 1 AND (
        SELECT sum(n) FROM counts WHERE batch_id = batches.id AND status = 'queued') > 0
    ORDER BY id
"""
QUEUED_OF_BATCH = f"""
    SELECT {STANDING} FROM jobs WHERE batch_id = $1 AND status = 'queued' FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - constants


async def cancel(transaction: Transaction, cancels: Sequence[Cancel]) -> list[Job | None]:
    """Each job as it is then."""
    job_ids = [cancel.job_id for cancel in cancels]
    await cancel_open(transaction, (await standings(transaction, job_ids)).values())
    jobs = {row[0]: job_of(row) for row in await transaction.rows(JOBS, job_ids)}
    return [jobs.get(cancel.job_id) for cancel in cancels]


async def cancel_many(transaction: Transaction, command: CancelMany) -> Reached:
    known = await standings(transaction, command.job_ids)
    cancelled = await cancel_open(transaction, known.values())
    return reached(command.job_ids, known, cancelled)


async def cancel_batch(transaction: Transaction, command: CancelBatch) -> Reached:
    return await _cancel_found(transaction, OPEN_OF_BATCH, command.batch_id, command.limit)


async def clear_queue(transaction: Transaction, command: ClearQueue) -> Reached:
    due = await _cancel_found(transaction, DUE, command.limit)
    left = command.limit - len(due.job_ids)
    scheduled = await _cancel_found(transaction, SCHEDULED, left) if left else Reached(job_ids=())
    return Reached(job_ids=due.job_ids + scheduled.job_ids)


async def stop(transaction: Transaction) -> None:
    """After the fold: of batches that stop on an error and had one, what is queued."""
    if not transaction.failed_in:
        return
    for (batch_id,) in await transaction.rows(TO_STOP, sorted(transaction.failed_in)):
        await _cancel_found(transaction, QUEUED_OF_BATCH, batch_id)
    await transaction.fold()


async def cancel_open(transaction: Transaction, found: Iterable[Standing]) -> list[str]:
    """Returns the ids of those that were not final."""
    open_ones = [standing for standing in found if not standing.is_final]
    job_ids = [standing.job_id for standing in open_ones]
    if open_ones:
        await transaction.run(CANCEL, transaction.now, job_ids)
        transaction.ends[ErrorType.CANCELLED] += len(job_ids)
    for standing in open_ones:
        transaction.moved(standing.job_id, standing.lane, standing.place, Status.CANCELLED, standing.cohort)
    return job_ids


async def _cancel_found(transaction: Transaction, text: str, *values: object) -> Reached:
    found = [Standing(*row) for row in await transaction.rows(text, *values)]
    return Reached(job_ids=tuple(await cancel_open(transaction, found)))
