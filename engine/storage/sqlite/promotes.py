"""Makes scheduled jobs and blocked lanes claimable when their time has come."""

from engine.jobs.status import Status
from engine.storage.codec import dumps
from engine.storage.sqlite.transaction import Transaction
from engine.storage.tally import SCHEDULED

DUE = """
    SELECT json_group_array(json_array(id, lane)) FROM (
        SELECT id, lane FROM jobs WHERE due_at <= ? ORDER BY due_at LIMIT ?)
"""
PROMOTE = "UPDATE jobs SET due_at = NULL WHERE id IN (SELECT value FROM json_each(?))"
UNBLOCK = "UPDATE lanes SET blocked_until = NULL, turn = max(turn, ?) WHERE blocked_until <= ?"


def promote(transaction: Transaction, limit: int) -> int:
    transaction.run(UNBLOCK, transaction.places.reached, transaction.now)
    due = sorted(transaction.parsed(DUE, transaction.now, limit))
    if due:
        transaction.run(PROMOTE, dumps([job_id for job_id, _ in due]))
    for job_id, lane in due:
        transaction.moved(job_id, lane, SCHEDULED, Status.QUEUED)
    return len(due)
