"""The counts: kept, not scanned. What counts is the sum over the slots."""

import orjson
from asyncpg import Connection

from engine.jobs.job import Batch
from engine.jobs.query import BatchFigures, Counts, QueueFigures
from engine.storage.figure_rows import IDS_AT_MOST, per_status, queue_figures

N = """(
    SELECT coalesce(json_object_agg(status, n), '{{}}') FROM (
        SELECT status, sum(n) AS n FROM counts WHERE batch_id = {batch_id} GROUP BY status) AS each)"""
OF_ALL = N.format(batch_id="''")
COUNTS = f"SELECT {OF_ALL}"
QUEUE = f"""
    SELECT {OF_ALL},
        ARRAY(SELECT id FROM jobs WHERE status = 'running' ORDER BY lease_until LIMIT {IDS_AT_MOST})
"""  # noqa: S608 - constants
BATCH = f"""
    SELECT total, created_at, parallel_limit, stop_on_error,
        (SELECT started_at FROM jobs WHERE batch_id = batches.id ORDER BY created_at LIMIT 1),
        {N.format(batch_id="batches.id")}
    FROM batches WHERE id = $1
"""  # noqa: S608 - constants


async def counts(connection: Connection) -> Counts:
    return per_status(orjson.loads(await connection.fetchval(COUNTS)))


async def batch(connection: Connection, batch_id: str) -> BatchFigures | None:
    row = await connection.fetchrow(BATCH, batch_id)
    if row is None:
        return None
    total, created_at, limit, stops, began_at, n = row
    known = Batch(id=batch_id, total=total, created_at=created_at, parallel_limit=limit, stop_on_error=bool(stops))
    return BatchFigures(batch=known, counts=per_status(orjson.loads(n)), began_at=began_at)


async def queue(connection: Connection) -> QueueFigures:
    ((n, running_ids),) = await connection.fetch(QUEUE)
    return queue_figures(orjson.loads(n), running_ids)
