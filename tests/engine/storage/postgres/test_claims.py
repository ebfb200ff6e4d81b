"""Claims of several processes on one server: what one knows of turns, and another does not."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from itertools import pairwise
from math import inf
from random import Random
from time import monotonic

import asyncpg
import pytest

from engine.jobs.command import Submit
from engine.jobs.job import Batch
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.opening import opened
from engine.storage.postgres.store import PostgresStore
from tests.contracts.jobs import LEASE_S, claim, done, new_job, submit
from tests.contracts.stores import LIMITS, START, Hand, HandClock, blank_server
from tests.engine.storage.postgres.watching import asked, comes_to
from tests.servers.postgres import fresh_database

MANY = 300
FEW = 10
HOUR_S = 3600.0
NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"
WAITS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
async def fleet(hand: Hand) -> AsyncIterator[Sequence[PostgresStore]]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fresh_database(template=blank_server()))
        ways = [opened(url, limits=LIMITS, clock=HandClock(hand), draw=Random(1).random) for _ in range(3)]
        yield [await stack.enter_async_context(way) for way in ways]


async def bring(store: PostgresStore, hosts: int, first: int, *, each: int = 1) -> None:
    """A batch of so many."""
    numbers = range(first, first + hosts * each)
    await submit(store, *(new_job(n, host=f"{n % hosts}.test", batch_id=f"batch_{first}") for n in numbers))


async def take(stores: Sequence[PostgresStore], claims: int, hand: Hand) -> list[int]:
    """The numbers of what each claims, one after the other."""
    taken: list[int] = []
    for place in range(claims):
        hand.turn(0.01)
        store = stores[place % len(stores)]
        leases = await claim(store, 1)
        await store.settle([done(lease) for lease in leases])
        taken += [int(lease.job_id[-4:]) for lease in leases]
    return taken


async def test_a_few_jobs_do_not_wait_for_many_hosts_whoever_submits_and_claims(
    fleet: Sequence[PostgresStore], hand: Hand
) -> None:
    front, *workers = fleet
    await bring(front, MANY, 0, each=3)
    await take(workers, MANY // 2, hand)
    await bring(front, FEW, 5000)
    assert sum(number >= 5000 for number in await take(workers, (len(workers) + 2) * FEW, hand)) == FEW


async def test_who_did_nothing_for_long_delays_nobody_and_is_not_delayed(
    fleet: Sequence[PostgresStore], hand: Hand
) -> None:
    idle, *workers = fleet
    await bring(idle, FEW, 0)
    await take([idle], FEW, hand)
    hand.turn(HOUR_S)
    await bring(workers[0], MANY, 1000, each=2)
    await take(workers, MANY, hand)
    await bring(idle, MANY, 3000)
    await bring(workers[0], FEW, 5000)
    taken = await take(fleet, 6 * FEW, hand)
    assert sum(number >= 5000 for number in taken) == FEW
    assert min(sum(1000 <= number < 3000 for number in taken), sum(3000 <= number < 5000 for number in taken)) > FEW


async def test_no_host_of_a_batch_is_passed_over_by_processes_that_know_nothing_of_one_another(
    fleet: Sequence[PostgresStore], hand: Hand
) -> None:
    await bring(fleet[0], 30, 0, each=20)
    taken = [number % 30 for number in await take(fleet, 600, hand)]
    for host in range(30):
        places = [-1, *(place for place, other in enumerate(taken) if other == host)]
        assert max(later - sooner for sooner, later in pairwise(places)) <= (len(fleet) + 1) * 30


async def test_a_lane_is_found_after_an_hour_in_which_only_a_limited_batch_had_its_turns(
    fleet: Sequence[PostgresStore], hand: Hand
) -> None:
    other, worker, _ = fleet
    jobs = tuple(new_job(n, host=f"{n % 3}.test", batch_id="batch_1") for n in range(30))
    await worker.commit([Submit(jobs=jobs, batch=Batch(id="batch_1", total=30, created_at=START, parallel_limit=30))])
    for _ in range(4):
        hand.turn(HOUR_S)
        assert len(await take([worker], 1, hand)) == 1
    worker._writer._front._whole_at = inf  # no look from the very beginning comes to its aid
    await submit(other, new_job(99))
    assert 99 in await take([worker], 2, hand)


async def test_a_lease_runs_from_when_all_rows_were_had_however_long_that_took() -> None:
    async with fresh_database(template=blank_server()) as url:
        clock = ServerClock(monotonic=monotonic)
        async with opened(url, limits=LIMITS, clock=clock, draw=Random(1).random) as store:
            await submit(store, new_job(1))
            limited = Batch(id="batch_1", total=1, created_at=START, parallel_limit=1, stop_on_error=False)
            await store.commit([Submit(jobs=(new_job(2, batch_id=limited.id),), batch=limited)])
            holder = await asyncpg.connect(url)
            try:
                await holder.execute("BEGIN; SELECT FROM batches FOR UPDATE")
                claiming = asyncio.ensure_future(claim(store))
                await comes_to(url, 1, WAITS)
                let_go_at = await asked(url, NOW)
                await holder.execute("COMMIT")
                leases = await claiming
            finally:
                await holder.close()
            assert len(leases) == 2
            assert all(lease.until - LEASE_S >= let_go_at for lease in leases)
