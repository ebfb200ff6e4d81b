"""Scans a database file for what must not be: damage, dangling references, wrong counts.

It reads all and changes nothing. While a process is at work in the file, counts may be found on the move.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from engine.errors import StoreDamagedError, StoreError
from engine.storage import findings
from engine.storage.frames import decompressed
from engine.storage.revision import HEAD, revisions
from engine.storage.sqlite.connection import open_reader
from engine.storage.sqlite.faults import translated

INLINE = "SELECT job_id, body FROM job_results WHERE body IS NOT NULL"
PIECES = "SELECT job_id, data FROM body_chunks"
MISSING = """
    SELECT job_id, chunks - (SELECT count(*) FROM body_chunks AS piece
        WHERE piece.job_id = result.job_id AND piece.fence = result.fence AND piece.seq < result.chunks) AS missing
    FROM job_results AS result WHERE chunks IS NOT NULL AND missing <> 0
"""
MISCOUNTED = """
    WITH seen AS (
        SELECT coalesce(batch_id, '') AS batch_id, status, due_at IS NOT NULL AS is_scheduled FROM jobs
    ), each AS (
        SELECT '' AS batch_id, status FROM seen UNION ALL SELECT '', 'scheduled' FROM seen WHERE is_scheduled
        UNION ALL SELECT batch_id, status FROM seen WHERE batch_id <> ''
        UNION ALL SELECT batch_id, 'scheduled' FROM seen WHERE batch_id <> '' AND is_scheduled
    ), counted AS (
        SELECT batch_id, status, count(*) AS n FROM each GROUP BY batch_id, status
        UNION ALL SELECT batch_id, status, -n FROM counts
    )
    SELECT batch_id, status, sum(n) FROM counted GROUP BY batch_id, status HAVING sum(n) <> 0
"""
MISQUEUED = """
    WITH counted AS (
        SELECT lane, sum(status = 'queued' AND due_at IS NULL) AS queued, sum(status = 'running') AS in_flight
        FROM jobs GROUP BY lane
        UNION ALL SELECT lane, -queued, -in_flight FROM lanes
    )
    SELECT lane, sum(queued), sum(in_flight) FROM counted GROUP BY lane
    HAVING sum(queued) <> 0 OR sum(in_flight) <> 0
"""
MISBATCHED = """
    WITH counted AS (
        SELECT batch_id, sum(status = 'queued' AND due_at IS NULL) AS queued, sum(status = 'running') AS in_flight
        FROM jobs JOIN batches ON batches.id = batch_id WHERE parallel_limit IS NOT NULL GROUP BY batch_id
        UNION ALL SELECT id, -queued, -in_flight FROM batches
    )
    SELECT batch_id, sum(queued), sum(in_flight) FROM counted GROUP BY batch_id
    HAVING sum(queued) <> 0 OR sum(in_flight) <> 0
"""
MISDATED = """
    WITH counted AS (
        SELECT CAST(created_at / 86400 AS INTEGER) AS day, scraper_type, count(*) AS created,
            sum(status = 'completed') AS completed, sum(status = 'failed') AS failed,
            sum(status = 'cancelled') AS cancelled
        FROM jobs GROUP BY day, scraper_type
        UNION ALL SELECT day, scraper_type, -created, -completed, -failed, -cancelled FROM daily
    )
    SELECT date(day * 86400, 'unixepoch'), scraper_type, sum(created), sum(completed), sum(failed), sum(cancelled)
    FROM counted GROUP BY day, scraper_type
    HAVING sum(created) <> 0 OR sum(completed) <> 0 OR sum(failed) <> 0 OR sum(cancelled) <> 0
"""
OVERRUN = "SELECT id, in_flight, parallel_limit FROM batches WHERE in_flight > parallel_limit"
MISLAID = """
    SELECT DISTINCT lanes.lane FROM lanes JOIN jobs ON jobs.lane = lanes.lane
    LEFT JOIN batches ON batches.id = jobs.batch_id AND parallel_limit IS NOT NULL
    WHERE lanes.batch_id IS NOT batches.id
"""
EMPTY = "SELECT lane FROM lanes WHERE queued = 0 AND in_flight = 0"
CONSISTENCY: Mapping[str, Callable[..., str]] = {
    MISCOUNTED: findings.miscounted,
    MISQUEUED: findings.misqueued,
    MISBATCHED: findings.misbatched,
    OVERRUN: findings.overrun,
    MISLAID: findings.mislaid,
    MISDATED: findings.misdated,
    EMPTY: findings.empty,
}
"""What each statement finds, and how it is said."""


ROOMY = "PRAGMA cache_size = -2048"
"""A page cache for scans and joins, in KiB."""


def check(path: Path) -> list[str]:
    """One sentence a finding; none if all is well."""
    if not path.exists():
        return [f"there is no {path}"]
    found: list[str] = []
    try:
        with translated(path), closing(open_reader(path)) as connection:
            connection.execute(ROOMY)
            found.extend(_findings(connection))
    except StoreError as error:
        found.append(str(error))
    return found


def miscounts(connection: sqlite3.Connection) -> Iterator[str]:
    """Where the counts, the days, the lanes and the batches differ from a scan."""
    for statement, sentence in CONSISTENCY.items():
        for row in connection.execute(statement):
            yield sentence(*row)


def _findings(connection: sqlite3.Connection) -> Iterator[str]:
    if revisions(connection) != [HEAD]:
        yield findings.BEHIND
        return
    yield from (f"damage: {finding}" for (finding,) in connection.execute("PRAGMA integrity_check") if finding != "ok")
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield findings.dangling(table, row, parent)
    yield from _damaged_bodies(connection)
    for row in connection.execute(MISSING):
        yield findings.missing(*row)
    yield from miscounts(connection)


def _damaged_bodies(connection: sqlite3.Connection) -> Iterator[str]:
    for statement in (INLINE, PIECES):
        for job_id, frame in connection.execute(statement):
            try:
                decompressed(frame, job_id)
            except StoreDamagedError as error:
                yield str(error)
