"""The counts: kept, not scanned; each connection counts in a slot of its own."""

from collections.abc import Iterable

from asyncpg import Connection, Record

from engine.jobs.job import Batch
from engine.jobs.query import BatchFigures, Counts, QueueFigures
from engine.jobs.status import Status
from engine.storage.tally import SCHEDULED

IDS_AT_MOST = 1000
COUNTS = "SELECT status, sum(n)::int FROM counts WHERE batch_id = $1 GROUP BY status"
RUNNING = """
    SELECT array(SELECT id FROM jobs WHERE status = 'running' AND lease_until IS NOT NULL ORDER BY lease_until LIMIT $1)
"""
BATCH = """
    SELECT id, total, created_at, parallel_limit, stop_on_error,
        (SELECT started_at FROM jobs WHERE batch_id = batches.id ORDER BY created_at LIMIT 1)
    FROM batches WHERE id = $1
"""


async def counts(connection: "Connection[Record]") -> Counts:
    return _per_status(await connection.fetch(COUNTS, ""))


async def batch(connection: "Connection[Record]", batch_id: str) -> BatchFigures | None:
    row = await connection.fetchrow(BATCH, batch_id)
    if row is None:
        return None
    number, total, created_at, limit, stops, began_at = row
    known = Batch(id=number, total=total, created_at=created_at, parallel_limit=limit, stop_on_error=bool(stops))
    found = await connection.fetch(COUNTS, batch_id)
    return BatchFigures(batch=known, counts=_per_status(found), began_at=began_at)


async def queue(connection: "Connection[Record]") -> QueueFigures:
    n = dict(tuple(row) for row in await connection.fetch(COUNTS, ""))
    delayed = n.get(SCHEDULED, 0)
    return QueueFigures(
        due=n.get(Status.QUEUED, 0) - delayed,
        delayed=delayed,
        running=n.get(Status.RUNNING, 0),
        running_ids=tuple(await connection.fetchval(RUNNING, IDS_AT_MOST)),
    )


def _per_status(rows: Iterable[Record]) -> Counts:
    n = dict(tuple(row) for row in rows)
    return {status: n.get(status, 0) for status in Status}
