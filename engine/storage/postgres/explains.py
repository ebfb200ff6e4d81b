"""Where one job's time went, and what goes before it. For who asks why, not for the way of a page."""

import orjson
from asyncpg import Connection, Record

from engine.jobs.query import COUNTED_AT_MOST, Explanation
from engine.jobs.status import Status
from engine.storage.codec import decode_stages
from engine.storage.job_rows import COLUMNS, WIDTH, job_of

LANES_AT_MOST = 10_000
"""More of them are not looked at."""
EXPLAINED = f"SELECT {COLUMNS}, stages, lane, rank FROM jobs WHERE id = $1"  # noqa: S608 - a constant
AHEAD = f"""
    SELECT count(*) FROM (
        SELECT 1 FROM jobs WHERE lane = $1 AND status = 'queued' AND due_at IS NULL AND (rank, id) < ($2, $3)
        ORDER BY rank LIMIT {COUNTED_AT_MOST}) AS ahead
"""  # noqa: S608 - a constant
BESIDE = f"""
    SELECT coalesce(sum(least(queued, $1)), 0) FROM (
        (SELECT queued FROM lanes WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL AND lane <> $2
        ORDER BY turn LIMIT {LANES_AT_MOST})
        UNION ALL
        (SELECT queued FROM lanes WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NOT NULL AND lane <> $2
        ORDER BY batch_id, turn LIMIT {LANES_AT_MOST})) AS beside
"""  # noqa: S608 - a constant


async def explain(connection: Connection, job_id: str) -> Explanation | None:
    row = await connection.fetchrow(EXPLAINED, job_id)
    return None if row is None else await _explained(connection, row)


async def _explained(connection: Connection, row: Record) -> Explanation:
    job = job_of(row)
    stages, lane, rank = row[WIDTH:]
    last, total = decode_stages(orjson.loads(stages)) if stages else (None, None)
    if job.status is not Status.QUEUED:
        return Explanation(job=job, last=last, total=total)
    ahead = await connection.fetchval(AHEAD, lane, rank, job.id)
    beside = await connection.fetchval(BESIDE, ahead + 1, lane)
    return Explanation(job=job, last=last, total=total, ahead=ahead, before=ahead + beside)
