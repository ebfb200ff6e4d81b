"""Which of several processes counts a job that ends without an outcome, and that a lost connection loses no count."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

import asyncpg
import pytest

from engine.jobs.command import Cancel, CancelMany, ClearQueue
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from engine.storage.migrate import migrate
from engine.storage.postgres.opening import opened
from engine.storage.postgres.store import PostgresStore
from engine.storage.postgres.writer import NUMBER, STANDING
from perf.servers.postgres import Postgres, a_postgres
from tests.contracts.jobs import LEASE_S, claim, new_job, submit
from tests.contracts.stores import LIMITS, Hand, HandClock, blank_server
from tests.engine.storage.postgres.watching import asked, comes_to
from tests.servers.postgres import fresh_database

PROCESSES = 3
JOBS = 24
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
ANSWER = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@asynccontextmanager
async def a_process(url: str, hand: Hand) -> AsyncIterator[tuple[PostgresStore, Counter[ErrorType]]]:
    ends: Counter[ErrorType] = Counter()
    draw = Random(1).random
    async with opened(url, limits=LIMITS, clock=HandClock(hand), draw=draw, ended=ends.update) as store:
        yield store, ends


async def test_of_processes_that_would_all_end_the_same_jobs_one_counts_each(hand: Hand) -> None:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fresh_database(template=blank_server()))
        fleet = [await stack.enter_async_context(a_process(url, hand)) for _ in range(PROCESSES)]
        stores = [store for store, _ in fleet]
        ids = tuple(f"job_{number:04}" for number in range(JOBS))
        await submit(stores[0], *(new_job(number, method="POST", host=f"{number}.test") for number in range(JOBS)))
        await claim(stores[0], JOBS // 3)
        hand.turn(LEASE_S)
        cancel = CancelMany(job_ids=ids[::2])
        await asyncio.gather(*(store.rescue(JOBS) for store in stores), *(store.commit([cancel]) for store in stores))
        await asyncio.gather(*(store.commit([ClearQueue(limit=JOBS)]) for store in stores))
        counts = await stores[0].counts()
    told = sum((ends for _, ends in fleet), Counter[ErrorType]())
    assert told == {ErrorType.CONNECTION_LOST: counts[Status.FAILED], ErrorType.CANCELLED: counts[Status.CANCELLED]}
    assert told.total() == JOBS


@pytest.fixture(scope="module")
def slow_to_answer() -> Iterator[Postgres]:
    """A server that does what our commits ask, and answers only when it is told not to wait for a replica."""
    told = {"synchronous_standby_names": "nobody", "synchronous_commit": "off"}  # off for all who do not ask for more
    with a_postgres(durable=False, **told) as server:
        migrate(server.url)
        yield server


async def _answered(url: str, how: str = ANSWER) -> None:
    """The one commit that waits."""
    await comes_to(url, 1, WAITING)
    assert await asked(url, how)


@pytest.mark.parametrize("number", [0, 1])
async def test_a_commit_whose_answer_was_lost_counts_once(slow_to_answer: Postgres, hand: Hand, number: int) -> None:
    """With its connection, where it is asked again by itself; or with who asked, whose successor asks again."""
    job, url = new_job(number), slow_to_answer.url
    cancel = [Cancel(job_id=job.id)]
    async with a_process(url, hand) as (store, ends), asyncio.TaskGroup() as tasks:
        tasks.create_task(submit(store, job))
        await _answered(url)
        asking = tasks.create_task(store.commit(cancel))
        if number:
            await comes_to(url, 1, WAITING)
            asking.cancel()
            await asyncio.wait((asking,))
            tasks.create_task(store.commit(cancel))
        else:
            await _answered(url, HANG_UP)
        await _answered(url)
    assert (asking.cancelled(), ends) == (bool(number), {ErrorType.CANCELLED: 1})


async def test_a_commit_that_a_server_never_heard_of_is_none(slow_to_answer: Postgres) -> None:
    """As one of which a crash or a failover left nothing."""
    connection = await asyncpg.connect(slow_to_answer.url)
    try:
        number = await connection.fetchval(NUMBER)
        assert await connection.fetchval(STANDING, number) == "committed"
        assert await connection.fetchval(STANDING, number + 1_000_000) is None
    finally:
        await connection.close()
