"""Where one job's time went, and what goes before it. For who asks why, not for the way of a page."""

import sqlite3
from typing import Any

import orjson

from engine.jobs.query import COUNTED_AT_MOST, Explanation
from engine.jobs.status import Status
from engine.storage.codec import decode_stages
from engine.storage.job_rows import COLUMNS, WIDTH, job_of

EXPLAINED = f"SELECT {COLUMNS}, stages, lane, rank, jobs.rowid FROM jobs WHERE id = ?"  # noqa: S608 - a constant
AHEAD = """
    SELECT count(*) FROM (
        SELECT 1 FROM jobs WHERE lane = ? AND status = 'queued' AND due_at IS NULL AND (rank, rowid) < (?, ?) LIMIT ?)
"""
BESIDE = """
    SELECT coalesce(sum(min(queued, ?1)), 0) FROM (
        SELECT queued FROM (
            SELECT queued FROM lanes WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL AND lane <> ?2
            ORDER BY turn LIMIT ?3)
        UNION ALL SELECT queued FROM (
            SELECT queued FROM lanes WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NOT NULL AND lane <> ?2
            LIMIT ?3))
"""
LANES_AT_MOST = 10_000
"""More of them are not looked at."""


def explain(connection: sqlite3.Connection, job_id: str) -> Explanation | None:
    rows = connection.execute(EXPLAINED, (job_id,)).fetchall()
    return _explained(connection, rows[0]) if rows else None


def _explained(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Explanation:
    job = job_of(row)
    stages, lane, rank, rowid = row[WIDTH:]
    last, total = decode_stages(orjson.loads(stages)) if stages else (None, None)
    if job.status is not Status.QUEUED:
        return Explanation(job=job, last=last, total=total)
    ((ahead,),) = connection.execute(AHEAD, (lane, rank, rowid, COUNTED_AT_MOST)).fetchall()
    ((beside,),) = connection.execute(BESIDE, (ahead + 1, lane, LANES_AT_MOST)).fetchall()
    return Explanation(job=job, last=last, total=total, ahead=ahead, before=ahead + beside)
