"""How results lie on a server, and that they go with their jobs, where no foreign key has them do so."""

import asyncio
from random import Random

import asyncpg
import pytest

from engine.storage.migrate import migrate
from engine.storage.postgres.check import found_in
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.front import Front
from engine.storage.postgres.session import opening
from engine.storage.postgres.settles import settle
from engine.storage.postgres.store import PostgresStore
from engine.storage.postgres.transaction import Transaction
from tests.contracts.jobs import body_of, claim, done, new_job, page_with, submit
from tests.contracts.stores import LIMITS
from tests.engine.storage.postgres.watching import asked, comes_to
from tests.engine.storage.test_migrate import OLD_JOB
from tests.servers.postgres import fresh_database

JOBS = 4
KEPT = "SELECT array_agg(job_id ORDER BY job_id) FROM job_results"
PIECES_BYTES = "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = 'job_results'::regclass"
LARGER = "UPDATE job_results SET body = $1"
DELETE = "DELETE FROM jobs WHERE id = ANY($1::text[])"
WAITS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
async def store(store: PostgresStore) -> PostgresStore:
    await submit(store, *map(new_job, range(JOBS)))
    return store


async def test_a_statement_takes_the_results_of_its_jobs_and_no_others(url: str, store: PostgresStore) -> None:
    await store.settle([done(lease) for lease in await claim(store, JOBS)])
    await asked(url, DELETE, ["job_0000", "job_0002", "job_none"])
    assert await asked(url, KEPT) == ["job_0001", "job_0003"]
    await asked(url, DELETE, [])
    assert await asked(url, KEPT) == ["job_0001", "job_0003"]


@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_job_that_is_deleted_while_it_is_settled_leaves_no_result(
    url: str, store: PostgresStore, *, is_kept: bool
) -> None:
    """Whether the settle is committed or not, the statement that waits for it takes what there is then."""
    lease, other = await claim(store, 2)
    settling = await asyncpg.connect(url)
    try:
        await settling.execute(opening(LIMITS))
        act = Transaction(settling, ServerClock(monotonic=lambda: 0.0), Front(monotonic=lambda: 0.0))
        assert [each.accepted for each in await settle(act, [done(lease), done(other)])] == [True, True]
        deleting = asyncio.ensure_future(asked(url, DELETE, [lease.job_id]))
        await comes_to(url, 1, WAITS)
        await settling.execute("COMMIT" if is_kept else "ROLLBACK")
        await deleting
    finally:
        await settling.close()
    assert await asked(url, KEPT) == ([other.job_id] if is_kept else None)


async def test_a_page_whose_job_is_deleted_meanwhile_is_not_kept(url: str, store: PostgresStore) -> None:
    (lease,) = await claim(store, 1)
    deleting = await asyncpg.connect(url)
    try:
        async with deleting.transaction():
            await deleting.execute(DELETE, [lease.job_id])
            settling = asyncio.ensure_future(store.settle([done(lease)]))
            await comes_to(url, 1, WAITS)
    finally:
        await deleting.close()
    assert [each.accepted for each in await settling] == [False]
    assert await asked(url, KEPT) is None


async def test_an_earlier_release_goes_on_while_and_after_it_is_migrated() -> None:
    async with fresh_database() as url:
        await asyncio.to_thread(lambda: migrate(url, revision="0007"))
        old = await asyncpg.connect(url)
        try:
            await old.execute(OLD_JOB)
            delete = await old.prepare(DELETE)
            await delete.fetch(["job_none"])
            await asyncio.to_thread(migrate, url)
            assert await old.fetchval(KEPT) == ["job_2"]
            await delete.fetch(["job_2"])
            assert await old.fetchval(KEPT) is None
        finally:
            await old.close()
        assert [finding for finding in await found_in(url) if "refers to" in finding] == []


@pytest.mark.parametrize(("size", "is_in_pieces"), [(7_000, False), (20_000, True)])
async def test_a_page_that_fits_a_page_of_the_servers_lies_in_its_row(
    url: str, store: PostgresStore, size: int, *, is_in_pieces: bool
) -> None:
    body = Random(1).randbytes(size)  # nothing makes it smaller
    (lease,) = await claim(store, 1)
    await store.settle([done(lease, page_with(body))])
    assert ((await asked(url, PIECES_BYTES)) > 0) is is_in_pieces
    assert b"".join(await body_of(store, lease.job_id)) == body


async def test_pages_come_to_lie_in_their_rows_while_an_earlier_release_settles() -> None:
    """It is not waited for, and does as it does."""
    async with fresh_database() as url:
        await asyncio.to_thread(lambda: migrate(url, revision="0008"))
        old = await asyncpg.connect(url)
        try:
            await old.execute(OLD_JOB)
            async with old.transaction():
                await old.execute(LARGER, Random(1).randbytes(7_000))
                in_pieces = await asked(url, PIECES_BYTES)
                await asyncio.to_thread(lambda: migrate(url, revision="0009"))
            await old.execute(LARGER, Random(2).randbytes(7_000))
            assert await asked(url, PIECES_BYTES) == in_pieces > 0
        finally:
            await old.close()
