"""Migrations of a server: they make what the metadata says, once, while others go on, and can be killed at any time."""

import asyncio
import shutil
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from engine.errors import StoreError
from engine.storage.migrate import alembic_config, migrate
from engine.storage.postgres.check import found_in
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.migrate import ONE_AT_A_TIME, WAITS_FOR_A_LOCK_S, migrate_server
from engine.storage.postgres.opening import is_current
from engine.storage.schema import metadata, on_servers
from perf.servers.postgres import a_postgres
from tests.engine.storage.test_migrate import OLD_JOB, WAITS
from tests.servers.postgres import fresh_database

COLUMNS = """
    SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic_version%'
"""
WAITS_FOR_JOBS = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE relation = 'jobs'::regclass AND NOT granted)"
WAITS_FOR_THE_OTHER = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
TO_BE_VACUUMED = """
    ALTER TABLE job_results SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
    INSERT INTO job_results (job_id, fence, status_code, final_url, headers, content_type, size, elapsed_s)
        SELECT 'job_' || n, 1, 200, repeat('x', 1000), '[]', '', 0, 0 FROM generate_series(1, 2000) AS n;
    DELETE FROM job_results
"""
"""For half a minute or more."""
IS_VACUUMED = """
    SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE relation = 'job_results'::regclass AND backend_type = 'autovacuum worker'
            AND mode = 'ShareUpdateExclusiveLock' AND granted)
"""
NEXT = """
revision = "0099"
down_revision = "{head}"

from alembic import op

def upgrade():
    op.execute("ALTER TABLE batches ADD COLUMN is_new INTEGER")
    op.execute("ALTER TABLE jobs ADD COLUMN is_new INTEGER")
"""
"""What takes both tables for itself alone."""


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Of a database with nothing in it."""
    async with fresh_database() as fresh:
        yield fresh


@asynccontextmanager
async def session(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def schema_of(url: str) -> set[tuple[object, ...]]:
    """Columns, indexes with their conditions, keys: what Alembic compares, and what it does not."""
    async with session(url) as connection:
        return {tuple(row) for text in (COLUMNS, INDEXES, CONSTRAINTS) for row in await connection.fetch(text)}


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():
            pass


async def in_the_end(url: str, statement: str) -> None:
    async with session(url) as connection:
        await until(lambda: connection.fetchval(statement))


def differences(connection: Connection) -> list[object]:
    """Alembic would compare a key that files alone have."""
    whole = MetaData()
    for table in (*metadata.sorted_tables, *on_servers.sorted_tables):
        table.to_metadata(whole)
    results = whole.tables["job_results"]
    results.constraints -= results.foreign_key_constraints
    return list(compare_metadata(MigrationContext.configure(connection), whole))


async def test_what_is_migrated_is_the_metadata(url: str) -> None:
    await asyncio.to_thread(migrate, url)
    async with fresh_database() as beside:
        made = create_async_engine(beside.replace("postgresql:", "postgresql+asyncpg:"))
        async with made.begin() as connection:
            for tables in (metadata, on_servers):
                await connection.run_sync(tables.create_all)
        await made.dispose()
        assert await schema_of(url) == await schema_of(beside)
    migrated = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:"))
    async with migrated.connect() as connection:
        assert await connection.run_sync(differences) == []
    await migrated.dispose()


async def test_migrating_again_changes_nothing(url: str) -> None:
    assert not await is_current(url, PoolLimits())
    seen = []
    for _ in range(2):
        await asyncio.to_thread(migrate, url)
        assert await is_current(url, PoolLimits())
        seen.append(await schema_of(url))
    assert seen[0] == seen[1] != set()


async def test_jobs_of_the_first_schema_are_there_and_counted_in_the_latest(url: str) -> None:
    await asyncio.to_thread(lambda: migrate(url, revision="0001"))
    async with session(url) as connection:
        await connection.execute(OLD_JOB)
        await asyncio.to_thread(migrate, url)
        days = await connection.fetch("SELECT day, created, completed, answered, answered_us FROM daily ORDER BY day")
    assert [tuple(row) for row in days] == [(0, 1, 0, 0, 0), (1, 1, 1, 1, 250_000)]
    assert await found_in(url) == []


async def test_of_several_at_once_one_does_it_and_the_others_wait(url: str) -> None:
    async with session(url) as connection:
        await connection.execute(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})")
        all_of_them = asyncio.gather(*(asyncio.to_thread(migrate, url) for _ in range(3)))
        await in_the_end(url, WAITS_FOR_THE_OTHER)
        assert await schema_of(url) == set()
    await all_of_them
    assert await found_in(url) == []


async def killed_at(statement: int, url: str) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WAITS, url, str(statement), stdout=PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"there\n"
    process.kill()
    assert await process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("statement", [8, 16, 30])
async def test_who_was_killed_midway_starts_again(url: str, statement: int) -> None:
    await killed_at(statement, url)
    assert not await is_current(url, PoolLimits())
    assert await schema_of(url) == set()
    await asyncio.to_thread(migrate, url)
    assert await found_in(url) == []


async def set_for_others(url: str, setting: str) -> None:
    """Who connects from now on."""
    async with session(url) as connection:
        await connection.execute(f'ALTER DATABASE "{url.rpartition("/")[2]}" SET {setting}')


def to_the_next_release(url: str, folder: Path) -> None:
    """Adds a step that an old process is in the way of."""
    orders = alembic_config()
    shutil.copytree(str(orders.get_main_option("script_location")), folder / "migrations")
    head = max(path.stem[:4] for path in (folder / "migrations" / "versions").glob("0*.py"))
    (folder / "migrations" / "versions" / "0099_next.py").write_text(NEXT.format(head=head))
    orders.set_main_option("script_location", str(folder / "migrations"))
    migrate_server(url, orders, "head")


async def test_others_go_on_while_a_migration_waits_for_an_old_process(url: str, tmp_path: Path) -> None:
    """Each of the others waits as long as the migration does, and no longer: the server would end it else."""
    await asyncio.to_thread(migrate, url)
    async with session(url) as old, session(url) as other:
        in_the_way = old.transaction()
        await in_the_way.start()
        await old.execute("SELECT 1 FROM jobs")
        await other.execute(f"SET statement_timeout = '{WAITS_FOR_A_LOCK_S + 1}s'")
        migrating = asyncio.ensure_future(asyncio.to_thread(to_the_next_release, url, tmp_path))
        for _ in range(2):
            await in_the_end(url, WAITS_FOR_JOBS)
            await other.execute("SELECT 1 FROM jobs")
            await other.execute("UPDATE batches SET total = 1")
        assert not migrating.done()
        await in_the_way.rollback()
        await migrating
        assert await other.fetchval("SELECT count(is_new) FROM jobs") == 0
        assert await other.fetchval("SELECT count(is_new) FROM batches") == 0


async def test_an_old_process_wins_against_a_migration(url: str, tmp_path: Path) -> None:
    """Each has a table that the other waits for."""
    await asyncio.to_thread(migrate, url)
    async with session(url) as old:
        in_the_way = old.transaction()
        await in_the_way.start()
        await old.execute("SELECT 1 FROM jobs")
        await set_for_others(url, f"deadlock_timeout = '{WAITS_FOR_A_LOCK_S * 500}ms'")
        migrating = asyncio.ensure_future(asyncio.to_thread(to_the_next_release, url, tmp_path))
        await in_the_end(url, WAITS_FOR_JOBS)
        await old.execute("UPDATE batches SET total = 1")
        await in_the_way.commit()
        await migrating
        assert await old.fetchval("SELECT count(is_new) FROM jobs") == 0


async def test_a_vacuum_that_runs_by_itself_makes_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.storage.postgres.migrate.TRIES", 1)
    with a_postgres(durable=False, autovacuum_naptime="1s") as server:
        await asyncio.to_thread(lambda: migrate(server.url, revision="0008"))
        async with session(server.url) as connection:
            await connection.execute(TO_BE_VACUUMED)
        await in_the_end(server.url, IS_VACUUMED)
        await asyncio.to_thread(lambda: migrate(server.url, revision="0009"))
        assert await is_current(server.url, PoolLimits())


async def test_a_release_that_is_behind_is_told(url: str, tmp_path: Path) -> None:
    await asyncio.to_thread(migrate, url)
    await asyncio.to_thread(to_the_next_release, url, tmp_path)
    assert not await is_current(url, PoolLimits())
    assert "cfscraper migrate" in (await found_in(url))[0]
    with pytest.raises(StoreError, match=r"cannot be migrated: .*0099"):
        await asyncio.to_thread(migrate, url)


@pytest.mark.parametrize("url", ["postgresql://me:open-sesame@127.0.0.1:1/d", "postgresql://me:open-sesame@a:port/d"])
def test_where_no_server_is_nothing_is_migrated_and_no_password_told(url: str) -> None:
    with pytest.raises(StoreError, match=r"cannot be migrated|not the URL") as caught:
        migrate(url)
    assert "open-sesame" not in str(caught.value)
