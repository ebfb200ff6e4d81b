"""The pool behind a real PgBouncer that gives each transaction another session."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from perf.servers.pgbouncer import a_pgbouncer, is_there
from tests.engine.storage.postgres.watching import RUNNING, a_pool, comes_to

pytestmark = pytest.mark.skipif(not is_there(), reason="needs pgbouncer")

CLIENTS = 20
ROUNDS = 20


@pytest.fixture
def pooled_url(url: str) -> Iterator[str]:
    with a_pgbouncer(url, sessions=3) as through:
        yield through


async def test_each_transaction_brings_its_limits_and_leaves_none_behind(pooled_url: str) -> None:
    async with a_pool(pooled_url, is_pooled=True, statement_s=7.0) as place:
        for _ in range(3):
            async with place.pool.connection() as connection:
                await connection.execute(place.pool.opening)
                assert await connection.fetchval("SHOW statement_timeout") == "7s"
                assert await connection.fetchval("SHOW synchronous_commit") == "on"
                await connection.execute("COMMIT")
                assert await connection.fetchval("SHOW statement_timeout") == "0"


async def test_many_transactions_share_few_sessions_and_none_gets_another_ones_answer(pooled_url: str) -> None:
    backends = set[int]()

    async def client(number: int) -> None:
        for turn in range(ROUNDS):
            async with place.pool.connection() as connection:
                await connection.execute(place.pool.opening)
                assert await connection.fetchval(f"SELECT $1::int + {number}", turn) == turn + number
                backends.add(await connection.fetchval("SELECT pg_backend_pid()"))
                await connection.execute("COMMIT")

    async with a_pool(pooled_url, is_pooled=True, size=CLIENTS) as place:
        async with asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(client(number))
        assert len(backends) <= 3


async def test_single_statements_need_no_transaction(pooled_url: str) -> None:
    async def client(number: int) -> None:
        for turn in range(ROUNDS):
            async with place.pool.connection() as connection:
                assert await connection.fetchval(f"SELECT $1::int + {number}", turn) == turn + number

    async with a_pool(pooled_url, is_pooled=True, size=CLIENTS) as place, asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            group.create_task(client(number))


async def test_a_cancelled_statement_ends_and_its_transaction_is_rolled_back(url: str, pooled_url: str) -> None:
    async def begin() -> None:
        async with place.pool.connection() as connection:
            await connection.execute(f"{place.pool.opening}; CREATE TABLE forgotten ()")
            await connection.execute("SELECT pg_sleep(30)")

    async with a_pool(pooled_url, is_pooled=True, size=1) as place:
        task = asyncio.create_task(begin())
        await comes_to(url, 1, RUNNING, "%pg_sleep(30)%")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with place.pool.connection() as connection:
            await connection.execute(place.pool.opening)
            assert await connection.fetchval("SELECT to_regclass('forgotten')") is None
            await connection.execute("COMMIT")


async def test_what_a_session_would_remember_is_refused_by_the_pooler(pooled_url: str) -> None:
    """So that nobody believes in limits that do not hold: DB_POOLER must be told."""
    with pytest.raises(asyncpg.PostgresError, match="unsupported startup parameter"):
        await asyncpg.connect(pooled_url, server_settings={"statement_timeout": "1s"}, timeout=5)
