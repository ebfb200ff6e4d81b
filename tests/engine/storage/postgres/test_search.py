"""Lists on a server that others use too."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from random import Random

import asyncpg
import pytest

from engine.errors import QueryTooSlowError
from engine.jobs.query import JobQuery
from engine.storage.postgres import search
from engine.storage.postgres.opening import opened
from engine.storage.postgres.store import PostgresStore
from tests.contracts.jobs import new_job, submit
from tests.contracts.stores import LIMITS, Hand, HandClock


@pytest.fixture
async def stores(url: str, hand: Hand) -> AsyncIterator[list[PostgresStore]]:
    """Two, as of two processes."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(opened(url, limits=LIMITS, clock=HandClock(hand), draw=Random(seed).random))
            for seed in range(2)
        ]


async def test_jobs_of_a_type_that_another_process_brings_are_found_at_once(stores: list[PostgresStore]) -> None:
    ours, other = stores
    await submit(ours, new_job(1))
    assert len((await ours.find(JobQuery())).jobs) == 1
    await submit(other, new_job(2, scraper_type="browser"), new_job(3, scraper_type="zzz"))
    found = await ours.find(JobQuery())
    assert [job.id for job in found.jobs] == ["job_0003", "job_0002", "job_0001"]


async def test_a_list_that_takes_too_long_is_given_up_and_the_next_is_not(
    stores: list[PostgresStore], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stores[0]
    await submit(store, new_job())
    in_the_way = await asyncpg.connect(url)
    try:
        async with in_the_way.transaction():
            await in_the_way.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
            monkeypatch.setattr(search, "STATEMENT_LIMIT_S", 0.05)
            with pytest.raises(QueryTooSlowError):
                await store.find(JobQuery())
    finally:
        monkeypatch.undo()
        await in_the_way.close()
    assert len((await store.find(JobQuery())).jobs) == 1
