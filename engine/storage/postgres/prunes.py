"""Removes results whose time is over, on a walk through all that are kept, by the ids of their jobs.

Ids rise with the time of creation, and no job ends before it was created: where it was too late to be over by now, the
walk turns back. No index of the ends is paid for.
"""

from typing import NamedTuple

from engine.storage.postgres.results import forget
from engine.storage.postgres.transaction import Transaction

WALK = """
    SELECT id, created_at, completed_at FROM jobs
    JOIN (SELECT job_id FROM job_results WHERE job_id > $1 ORDER BY job_id LIMIT $2) AS kept ON id = job_id
    ORDER BY id
"""
EXPIRED = """
    SELECT id FROM jobs WHERE id = ANY($1::text[]) AND completed_at <= $2 ORDER BY id FOR UPDATE SKIP LOCKED
"""


class Stretch(NamedTuple):
    """A part of the walk: how many results it has met and removed, and after which id it goes on; empty at the end."""

    met: int
    removed: int
    after: str


async def prune(transaction: Transaction, *, after: str, limit: int, kept_s: float) -> Stretch:
    """Looks at up to `limit` results, and removes those whose jobs ended so long ago."""
    over = transaction.now - kept_s
    rows = await transaction.rows(WALK, after, limit)
    ended = [job_id for job_id, _, completed_at in rows if completed_at is not None and completed_at <= over]
    expired = [job_id for (job_id,) in await transaction.rows(EXPIRED, ended, over)] if ended else []
    if expired:
        await forget(transaction, expired)
    is_end = len(rows) < limit or rows[-1]["created_at"] > over
    return Stretch(met=len(rows), removed=len(expired), after="" if is_end else rows[-1]["id"])
