"""Makes scheduled jobs and blocked lanes claimable when their time has come."""

from engine.jobs.status import Status
from engine.storage.postgres.transaction import Transaction
from engine.storage.tally import SCHEDULED

PROMOTE = """
    UPDATE jobs SET due_at = NULL WHERE id = ANY(ARRAY(
        SELECT id FROM jobs WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING id, lane, rank
"""
NEXT_DUE = "SELECT min(due_at) FROM jobs WHERE due_at IS NOT NULL"
UNBLOCK = "UPDATE lanes SET blocked_until = NULL, turn = greatest(turn, $1) WHERE blocked_until <= $2"


async def promote(transaction: Transaction, limit: int) -> int:
    await transaction.run(UNBLOCK, transaction.front.places.reached, transaction.now)
    due = await transaction.rows(PROMOTE, transaction.now, limit)
    for job_id, lane, rank in due:
        transaction.moved(job_id, lane, SCHEDULED, Status.QUEUED, rank=rank)
    ((next_due_at,),) = await transaction.rows(NEXT_DUE)
    if next_due_at is not None:
        transaction.found_scheduled(next_due_at)
    return len(due)
