"""The present rows of lanes: one a lane whoever makes, moves and removes it, found past all that was there before."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from itertools import count
from random import Random
from urllib.parse import urlsplit

import asyncpg
import pytest

from engine.jobs.command import Submit
from engine.storage.migrate import migrate
from engine.storage.postgres.check import found_in
from engine.storage.postgres.claims import claim as claimed
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.front import Front
from engine.storage.postgres.opening import opened
from engine.storage.postgres.session import OWN, connected, opening
from engine.storage.postgres.settles import settle
from engine.storage.postgres.store import PostgresStore
from engine.storage.postgres.submits import submit as submit_in
from engine.storage.postgres.transaction import Transaction
from tests.contracts.jobs import claim, done, new_job, submit
from tests.contracts.stores import LIMITS, Hand, HandClock
from tests.engine.storage.test_migrate import OLD_JOB
from tests.servers.postgres import fresh_database

PROCESSES = 4
ROUNDS = 40
HOSTS = 3
LANES = 10
CLAIMS = 40
TWICE = "SELECT lane FROM lane_states GROUP BY lane HAVING count(*) > 1"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
REPEATABLE = "ALTER ROLE CURRENT_USER IN DATABASE {} SET default_transaction_isolation = 'repeatable read'"
READ = "SELECT pg_stat_get_xact_tuples_returned('lane_states_pkey'::regclass)"
MOVED_BEFORE = """
    INSERT INTO lanes (lane, queued, in_flight, turn, entered) VALUES ($1, $2, $3, 5, $4)
    ON CONFLICT (lane) DO UPDATE SET queued = lanes.queued + excluded.queued,
        in_flight = lanes.in_flight + excluded.in_flight, entered = lanes.entered + excluded.entered
    RETURNING lane
"""
TAKEN_BEFORE = """
    UPDATE lanes SET turn = 9, queued = queued - 1, in_flight = in_flight + 1 WHERE lanes.lane = ANY(ARRAY[$1])
"""
STAND = "SELECT lane, queued, in_flight, entered FROM lane_states ORDER BY lane"
"""As an earlier release asked."""


@pytest.fixture
async def fleet(url: str, hand: Hand) -> AsyncIterator[Sequence[PostgresStore]]:
    async with AsyncExitStack() as stack:
        ways = [opened(url, limits=LIMITS, clock=HandClock(hand), draw=Random(1).random) for _ in range(PROCESSES)]
        yield [await stack.enter_async_context(way) for way in ways]


async def rows(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Of the last."""
    connection = await asyncpg.connect(url)
    try:
        *_, found = [await connection.fetch(statement) for statement in statements]
    finally:
        await connection.close()
    return [tuple(row) for row in found]


async def test_a_lane_is_one_whoever_makes_and_empties_it_at_the_same_time(
    url: str, fleet: Sequence[PostgresStore]
) -> None:
    numbers = count()
    taken: list[str] = []

    async def process(store: PostgresStore) -> None:
        for place in range(ROUNDS):
            await submit(store, *(new_job(next(numbers), host=f"{(place + n) % HOSTS}.test") for n in range(2)))
            leases = await claim(store, 3)
            taken.extend(lease.job_id for lease in leases)
            await store.settle([done(lease) for lease in leases])

    async with asyncio.TaskGroup() as group:
        for store in fleet:
            group.create_task(process(store))
    assert await rows(url, TWICE) == []
    assert await rows(url, DEADLOCKS) == [(0,)]
    assert await found_in(url) == []
    taken += [lease.job_id for lease in await claim(fleet[0], 1000)]
    assert sorted(taken) == [new_job(number).id for number in range(next(numbers))]


async def test_a_lane_is_one_however_the_server_isolates_who_does_not_say_it(url: str, hand: Hand) -> None:
    await rows(url, REPEATABLE.format(urlsplit(url).path[1:]))
    async with opened(url, limits=LIMITS, clock=HandClock(hand), draw=Random(1).random) as store:
        connection = await connected(url, LIMITS)
        try:
            await connection.execute(opening(LIMITS))
            act = Transaction(connection, ServerClock(monotonic=lambda: 0.0), Front(monotonic=lambda: 0.0))
            await act.look()
            await submit(store, new_job(1), new_job(2))
            assert len(await claim(store, 1)) == 1
            await submit_in(act, [Submit(jobs=(new_job(3),))])
            await act.fold()
            await connection.execute("COMMIT")
        finally:
            await connection.close()
        assert len(await claim(store)) == 2
    assert await rows(url, TWICE) == []
    assert await found_in(url) == []


async def test_a_claim_and_its_settle_read_no_more_of_the_lanes_after_many_others_under_a_snapshot(
    url: str, fleet: Sequence[PostgresStore]
) -> None:
    store, *_ = fleet
    await submit(store, *(new_job(number, host=f"{number % LANES}.test") for number in range(LANES * (CLAIMS + 3))))
    other = await asyncpg.connect(url)
    try:
        async with other.transaction(isolation="repeatable_read"):
            await other.fetchval("SELECT count(*) FROM batches")
            before = await _read(url)
            for _ in range(CLAIMS):
                assert len(await claim(store, LANES)) == LANES
            assert await _read(url) <= before + LANES
            assert before > 0
    finally:
        await other.close()


async def _read(url: str) -> int:
    """Entries of the index that a claim and its settle come by; they are taken back."""
    connection = await asyncpg.connect(url, server_settings=dict(OWN))
    try:
        transaction = connection.transaction()
        await transaction.start()
        act = Transaction(connection, ServerClock(monotonic=lambda: 0.0), Front(monotonic=lambda: 0.0))
        leases = await claimed(act, LANES, owner="me", lease_s=60.0)
        await settle(act, [done(lease) for lease in leases])
        await act.fold()
        found = int(await connection.fetchval(READ))
        await transaction.rollback()
    finally:
        await connection.close()
    return found


async def test_an_earlier_release_goes_on_while_and_after_it_is_migrated(hand: Hand) -> None:
    lane = "a.test batch_1"
    async with fresh_database() as url:
        await asyncio.to_thread(lambda: migrate(url, revision="0006"))
        await rows(url, *filter(str.strip, OLD_JOB.split(";")))
        old = await asyncpg.connect(url)
        try:
            await old.fetch(MOVED_BEFORE, lane, 1, 0, 1)
            await asyncio.to_thread(migrate, url)
            assert await rows(url, STAND) == [(lane, 2, 0, 1)]
            await old.fetch(MOVED_BEFORE, "b.test", 1, 0, 1)
            await old.fetch(MOVED_BEFORE, lane, 1, 0, 1)
            await old.execute(TAKEN_BEFORE, lane)
            assert await rows(url, STAND) == [(lane, 2, 1, 2), ("b.test", 1, 0, 1)]
            for name, queued, in_flight in (("b.test", -1, 0), (lane, 0, -1), (lane, -1, 0)):
                await old.fetch(MOVED_BEFORE, name, queued, in_flight, 0)
        finally:
            await old.close()
        assert await rows(url, STAND) == [(lane, 1, 0, 2)]
        assert [finding for finding in await found_in(url) if "lane" in finding] == []
        async with opened(url, limits=LIMITS, clock=HandClock(hand), draw=Random(1).random) as store:
            assert [lease.job_id for lease in await claim(store)] == ["job_1"]
