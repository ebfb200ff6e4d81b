"""Makes a database with any number of jobs in the store's own schema, on the server itself.

Queued, delayed and finished ones, as many of each as perf.scenarios.backlog makes in a file.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time

from asyncpg import Connection

from engine.storage.migrate import migrate
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.session import connected
from perf.scenarios.backlog import A_DAY_S, FINISHED_SHARE

PATIENT = PoolLimits(statement_s=1800.0)
IN_BULK = "SET enable_seqscan = on; SET enable_hashjoin = on; SET maintenance_work_mem = '512MB'"
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = 'jobs' AND schemaname = current_schema() AND indexname <> 'jobs_pkey'
"""
ROWS = """
    INSERT INTO jobs (id, status, scraper_type, url, host, method, priority, lane, rank, created_at, updated_at,
        completed_at, due_at, fence, attempts, losses, ran_s, error_type)
    SELECT 'job_' || lpad(i::text, 12, '0'), CASE WHEN i < $2 THEN 'failed' ELSE 'queued' END, 'http',
        'http://host' || i % $3 || '.test/a/page/of/it/' || i, host, 'GET', 0, host, at, at, at,
        CASE WHEN i < $2 THEN at END, CASE WHEN i >= $2 AND i % 3 = 0 THEN at + $5 END,
        CASE WHEN i < $2 THEN 1 ELSE 0 END, CASE WHEN i < $2 THEN 1 ELSE 0 END, 0, 0,
        CASE WHEN i < $2 THEN 'connect' END
    FROM (
        SELECT i, 'host' || i % $3 || '.test' AS host, $4::float8 + i * 0.001 AS at
        FROM generate_series(0, $1::int - 1) AS i) AS made
"""
LANES = """
    INSERT INTO lane_states (lane, queued, in_flight, turn)
    SELECT lane, count(*), 0, min(created_at) FROM jobs WHERE status = 'queued' AND due_at IS NULL GROUP BY lane
"""
COUNTS = """
    INSERT INTO counts (batch_id, status, n) SELECT '', status, count(*) FROM jobs GROUP BY status
    UNION ALL SELECT '', 'scheduled', count(*) FROM jobs WHERE due_at IS NOT NULL
"""
DAYS = """
    INSERT INTO daily (day, scraper_type, created, completed, failed, cancelled, answered, answered_us)
    SELECT trunc(created_at / 86400)::int, scraper_type, count(*), 0, sum((status = 'failed')::int), 0, 0, 0
    FROM jobs GROUP BY 1, 2
"""


async def database(url: str, name: str) -> str:
    """A new one with the schema, on the server of that URL: its URL."""
    await _administer(url, f"CREATE DATABASE {name}")
    made = f"{url.rpartition('/')[0]}/{name}"
    await asyncio.to_thread(migrate, made)
    return made


@asynccontextmanager
async def passing_database(url: str, name: str) -> AsyncIterator[str]:
    """The same, dropped in the end, whoever is still connected: the server has no more work with it."""
    made = await database(url, name)
    try:
        yield made
    finally:
        await _administer(url, f"DROP DATABASE {name} WITH (FORCE)")


async def fill(url: str, *, rows: int, hosts: int) -> None:
    """What an old database would have been through is done too: it is vacuumed and analysed."""
    connection = await connected(url, PATIENT)
    try:
        await connection.execute(IN_BULK)
        await _fill(connection, rows, hosts)
        for text in (LANES, COUNTS, DAYS, "VACUUM (ANALYZE)", "CHECKPOINT"):
            await connection.execute(text)
    finally:
        await connection.close()


async def _fill(connection: Connection, rows: int, hosts: int) -> None:
    """The indexes are made afterwards, which is faster."""
    indexes = await connection.fetch(INDEXES)
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")
    began = time() - A_DAY_S - rows * 0.001
    await connection.execute(ROWS, rows, int(rows * FINISHED_SHARE), hosts, began, A_DAY_S * 2)
    for _, text in indexes:
        await connection.execute(text)


async def _administer(url: str, statement: str) -> None:
    connection = await connected(url, PATIENT)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
