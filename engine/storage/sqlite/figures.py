"""The counts: kept, not scanned."""

import sqlite3

import orjson

from engine.jobs.job import Batch
from engine.jobs.query import BatchFigures, Counts, QueueFigures
from engine.storage.figure_rows import IDS_AT_MOST, LANES_AT_MOST, eligible_of, per_status, queue_figures

COUNTS = "SELECT json_group_object(status, n) FROM counts WHERE batch_id = ''"
_OPEN = "queued > 0 AND blocked_until IS NULL AND batch_id IS NULL"
RUNNING = """
    SELECT json_group_array(id) FROM (
        SELECT id FROM jobs WHERE status = 'running' AND lease_until IS NOT NULL ORDER BY lease_until LIMIT ?)
"""
BATCH = """
    SELECT id, total, created_at, parallel_limit, stop_on_error,
        (SELECT started_at FROM jobs WHERE batch_id = batches.id ORDER BY created_at LIMIT 1),
        (SELECT json_group_object(status, n) FROM counts WHERE batch_id = batches.id)
    FROM batches WHERE id = ?
"""
ELIGIBLE = f"""
    SELECT (SELECT count(*) FROM (SELECT 1 FROM lanes WHERE {_OPEN} LIMIT ?1)),
        (SELECT sum(queued) FROM (SELECT queued FROM lanes WHERE {_OPEN} LIMIT ?1)),
        (SELECT sum(least) FROM (
            SELECT min(queued, parallel_limit - in_flight) AS least FROM batches
            WHERE parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit LIMIT ?1)),
        ({COUNTS})
"""  # noqa: S608 - constants


def counts(connection: sqlite3.Connection) -> Counts:
    ((found,),) = connection.execute(COUNTS).fetchall()
    return per_status(orjson.loads(found))


def batch(connection: sqlite3.Connection, batch_id: str) -> BatchFigures | None:
    for number, total, created_at, limit, stops, began_at, n in connection.execute(BATCH, (batch_id,)).fetchall():
        known = Batch(id=number, total=total, created_at=created_at, parallel_limit=limit, stop_on_error=bool(stops))
        return BatchFigures(batch=known, counts=per_status(orjson.loads(n)), began_at=began_at)
    return None


def queue(connection: sqlite3.Connection) -> QueueFigures:
    n, running_ids = connection.execute(f"SELECT ({COUNTS}), ({RUNNING})", (IDS_AT_MOST,)).fetchall()[0]
    return queue_figures(orjson.loads(n), orjson.loads(running_ids))


def eligible(connection: sqlite3.Connection) -> int:
    lanes, open_ones, limited, n = connection.execute(ELIGIBLE, (LANES_AT_MOST,)).fetchall()[0]
    return eligible_of(lanes, open_ones, limited, orjson.loads(n))
