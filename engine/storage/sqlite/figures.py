"""The counts: kept, not scanned."""

import sqlite3

import orjson

from engine.jobs.query import Counts, QueueFigures
from engine.jobs.status import Status
from engine.storage.sqlite.tally import SCHEDULED

IDS_AT_MOST = 1000
COUNTS = "SELECT json_group_object(status, n) FROM counts WHERE batch_id = ''"
RUNNING = """
    SELECT json_group_array(id) FROM (
        SELECT id FROM jobs WHERE status = 'running' AND lease_until IS NOT NULL ORDER BY lease_until LIMIT ?)
"""


def counts(connection: sqlite3.Connection) -> Counts:
    ((found,),) = connection.execute(COUNTS).fetchall()
    n = orjson.loads(found)
    return {status: n.get(status, 0) for status in Status}


def queue(connection: sqlite3.Connection) -> QueueFigures:
    found, running_ids = connection.execute(f"SELECT ({COUNTS}), ({RUNNING})", (IDS_AT_MOST,)).fetchall()[0]
    n = orjson.loads(found)
    delayed = n.get(SCHEDULED, 0)
    return QueueFigures(
        due=n.get(Status.QUEUED, 0) - delayed,
        delayed=delayed,
        running=n.get(Status.RUNNING, 0),
        running_ids=tuple(orjson.loads(running_ids)),
    )
