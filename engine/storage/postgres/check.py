"""Scans a server's database for what must not be: damaged bodies, missing pieces, wrong counts.

It reads all and changes nothing. What is counted is seen at one moment, so processes may be at work meanwhile; bodies
are read a few at a time, each time of that moment, so that nothing old is kept for it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import asyncpg

from engine.errors import StoreDamagedError, StoreError
from engine.storage import findings
from engine.storage.check import EMPTY, OVERRUN
from engine.storage.frames import decompressed
from engine.storage.postgres.faults import TRANSLATED
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.opening import REVISION
from engine.storage.postgres.session import connected
from engine.storage.revision import HEAD

SCAN_S = 3600.0
"""How long one statement may take."""
LIMITS = PoolLimits(size=1, overflow=0, statement_s=SCAN_S, idle_in_transaction_s=SCAN_S)
PLANNED_FOR_ALL = "SET enable_seqscan = on; SET enable_hashjoin = on; SET enable_mergejoin = on"
FRAMES = 64
"""Read at once: 256 KiB each at most."""

INLINE = """
    SELECT job_id, body FROM job_results WHERE body IS NOT NULL AND job_id > $1
    ORDER BY job_id LIMIT $2
"""
PIECES = """
    SELECT job_id, fence, seq, data FROM body_chunks
    WHERE (job_id, fence, seq) > ($1, $2, $3) ORDER BY job_id, fence, seq LIMIT $4
"""
DANGLING = """
    SELECT 'job_results', job_id, 'jobs' FROM job_results
    WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE id = job_id) ORDER BY job_id
"""
"""What no foreign key keeps away."""
MISSING = """
    SELECT job_id, chunks - kept FROM job_results AS result CROSS JOIN LATERAL (
        SELECT count(*) AS kept FROM body_chunks AS piece
        WHERE piece.job_id = result.job_id AND piece.fence = result.fence AND piece.seq < result.chunks) AS pieces
    WHERE chunks IS NOT NULL AND chunks <> kept ORDER BY job_id
"""
MISCOUNTED = """
    WITH seen AS MATERIALIZED (
        SELECT coalesce(batch_id, '') AS batch_id, status, due_at IS NOT NULL AS is_scheduled, count(*) AS n
        FROM jobs GROUP BY 1, 2, 3
    ), counted AS (
        SELECT '' AS batch_id, status, n FROM seen UNION ALL SELECT '', 'scheduled', n FROM seen WHERE is_scheduled
        UNION ALL SELECT batch_id, status, n FROM seen WHERE batch_id <> ''
        UNION ALL SELECT batch_id, 'scheduled', n FROM seen WHERE batch_id <> '' AND is_scheduled
        UNION ALL SELECT batch_id, status, -n FROM counts
    )
    SELECT batch_id, status, sum(n)::bigint FROM counted GROUP BY batch_id, status HAVING sum(n) <> 0 ORDER BY 1, 2
"""
PLACES = """
    count(*) FILTER (WHERE status = 'queued' AND due_at IS NULL) AS queued,
    count(*) FILTER (WHERE status = 'running') AS in_flight
"""
MISQUEUED = f"""
    WITH counted AS (
        SELECT lane, {PLACES} FROM jobs GROUP BY lane UNION ALL SELECT lane, -queued, -in_flight FROM lanes
    )
    SELECT lane, sum(queued)::bigint, sum(in_flight)::bigint FROM counted GROUP BY lane
    HAVING sum(queued) <> 0 OR sum(in_flight) <> 0 ORDER BY lane
"""  # noqa: S608 - a constant
MISBATCHED = f"""
    WITH counted AS (
        SELECT batch_id, {PLACES} FROM jobs
        WHERE batch_id IN (SELECT id FROM batches WHERE parallel_limit IS NOT NULL) GROUP BY batch_id
        UNION ALL SELECT id, -queued, -in_flight FROM batches
    )
    SELECT batch_id, sum(queued)::bigint, sum(in_flight)::bigint FROM counted GROUP BY batch_id
    HAVING sum(queued) <> 0 OR sum(in_flight) <> 0 ORDER BY batch_id
"""  # noqa: S608 - a constant
MISDATED = """
    WITH counted AS (
        SELECT trunc(created_at / 86400)::int AS day, scraper_type, count(*) AS created,
            count(*) FILTER (WHERE status = 'completed') AS completed,
            count(*) FILTER (WHERE status = 'failed') AS failed,
            count(*) FILTER (WHERE status = 'cancelled') AS cancelled
        FROM jobs GROUP BY 1, 2
        UNION ALL SELECT day, scraper_type, -created, -completed, -failed, -cancelled FROM daily
    )
    SELECT (DATE '1970-01-01' + day)::text, scraper_type, sum(created)::bigint, sum(completed)::bigint,
        sum(failed)::bigint, sum(cancelled)::bigint
    FROM counted GROUP BY day, scraper_type
    HAVING sum(created) <> 0 OR sum(completed) <> 0 OR sum(failed) <> 0 OR sum(cancelled) <> 0
    ORDER BY day, scraper_type
"""
MISLAID = """
    SELECT DISTINCT lanes.lane FROM lanes JOIN jobs ON jobs.lane = lanes.lane
    LEFT JOIN batches ON batches.id = jobs.batch_id AND parallel_limit IS NOT NULL
    WHERE lanes.batch_id IS DISTINCT FROM batches.id
"""
TWICE = "SELECT lane FROM lanes GROUP BY lane HAVING count(*) > 1"
"""What they count together may be right, and no claim succeeds all the same."""
AT_ONE_MOMENT: Mapping[str, Callable[..., str]] = {
    DANGLING: findings.dangling,
    MISSING: findings.missing,
    MISCOUNTED: findings.miscounted,
    MISQUEUED: findings.misqueued,
    MISBATCHED: findings.misbatched,
    OVERRUN: findings.overrun,
    MISLAID: findings.mislaid,
    MISDATED: findings.misdated,
    EMPTY: findings.empty,
    TWICE: findings.twice,
}
"""What each statement finds, and how it is said."""


def check_server(url: str) -> list[str]:
    """One sentence a finding; none if all is well."""
    return asyncio.run(found_in(url))


async def found_in(url: str) -> list[str]:
    try:
        with TRANSLATED:
            connection = await connected(url, LIMITS)
            try:
                return [finding async for finding in _findings(connection)]
            finally:
                await connection.close(timeout=LIMITS.connect_s)
    except StoreError as error:
        return [str(error)]


async def _findings(connection: asyncpg.Connection) -> AsyncIterator[str]:
    try:
        revision = await connection.fetchval(REVISION)
    except asyncpg.UndefinedTableError:
        revision = None
    if revision != HEAD:
        yield findings.BEHIND
        return
    await connection.execute(PLANNED_FOR_ALL)
    async for finding in _damaged_bodies(connection):
        yield finding
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for statement, sentence in AT_ONE_MOMENT.items():
            for row in await connection.fetch(statement):
                yield sentence(*row)


async def _damaged_bodies(connection: asyncpg.Connection) -> AsyncIterator[str]:
    for statement, start in ((INLINE, ("",)), (PIECES, ("", 0, 0))):
        async for job_id, frame in _frames(connection, statement, start):
            try:
                decompressed(frame, job_id)
            except StoreDamagedError as error:
                yield str(error)


async def _frames(
    connection: asyncpg.Connection, statement: str, start: tuple[Any, ...]
) -> AsyncIterator[tuple[str, bytes]]:
    rows = await connection.fetch(statement, *start, FRAMES)
    while rows:
        for row in rows:
            yield row["job_id"], row[-1]
        rows = await connection.fetch(statement, *rows[-1][: len(start)], FRAMES)
