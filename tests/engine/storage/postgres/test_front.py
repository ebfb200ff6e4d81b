"""Where the next lanes are looked for, and what a claim comes by while somebody keeps a snapshot."""

from math import inf

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.command import Submit
from engine.storage.places import PER_SECOND
from engine.storage.postgres.claims import NEXT
from engine.storage.postgres.front import LATE_S, REST, WHOLE_S, Front
from engine.storage.postgres.store import PostgresStore
from tests.contracts.jobs import claim, new_job, submit
from tests.contracts.stores import Hand

NOW = 1_000.0
LATEST = (NOW - LATE_S) * PER_SECOND
LANES = 20
CLAIMS = 40
A_WHILE_S = 60.0
READ = "SELECT pg_stat_get_xact_tuples_returned('lane_states_turn'::regclass)"


class Hands:
    """A clock."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def met(front: Front, first: float | None, now: float = NOW) -> float:
    """Where that look began."""
    look = front.look()
    front.met(look, first, now)
    return look.begins_at


def test_the_first_look_is_from_the_very_beginning_and_others_from_the_earliest_turn_there_was_lately() -> None:
    hands = Hands()
    front = Front(monotonic=hands)
    began = []
    for first in (900.0, 910.0, 920.0, 930.0, 940.0, 950.0):
        began.append(met(front, first))
        hands.at += LATE_S / 2
    assert began == [-inf, -inf, -inf, 900.0, 900.0, 920.0]


def test_what_came_within_a_moment_is_looked_for_whatever_there_was() -> None:
    hands = Hands()
    front = Front(monotonic=hands)
    for first in (NOW * PER_SECOND, None, None):
        met(front, first)
        hands.at += LATE_S
    assert met(front, None, NOW + 5.0) == LATEST


@given(st.lists(st.tuples(st.floats(0, 1), st.none() | st.floats(0, NOW * PER_SECOND)), max_size=30))
def test_no_look_begins_behind_a_turn_that_was_the_first_within_a_moment(
    seen: list[tuple[float, float | None]],
) -> None:
    hands = Hands()
    front = Front(monotonic=hands)
    before: list[tuple[float, float]] = []
    for passed_s, first in seen:
        hands.at += passed_s
        lately = [turn for at, turn in before if at > hands.at - LATE_S]
        assert all(front.begins_at <= turn for turn in lately)
        front.saw(first, NOW)
        before.append((hands.at, LATEST if first is None else first))


def test_a_look_from_the_very_beginning_comes_again_and_the_more_seldom_the_more_it_took() -> None:
    for took_s, pause_s in ((0.0, WHOLE_S), (0.5, REST * 0.5)):
        hands = Hands()
        front = Front(monotonic=hands)
        for _ in range(2):
            front.saw(900.0, NOW)
            hands.at += LATE_S
        look = front.look()
        hands.at += took_s
        front.met(look, 900.0, NOW)
        hands.at += pause_s - 0.001
        assert met(front, 900.0) == 900.0
        hands.at += 0.001
        assert met(front, 900.0) == -inf
        assert met(front, 900.0) == 900.0


async def test_a_claim_does_not_come_by_what_was_passed_while_somebody_keeps_a_snapshot(
    url: str, store: PostgresStore, hand: Hand
) -> None:
    jobs = [new_job(n, host=f"{n % LANES}.test") for n in range(LANES * (CLAIMS + 1))]
    await store.commit([Submit(jobs=tuple(jobs))])
    other = await asyncpg.connect(url)
    try:
        async with other.transaction(isolation="repeatable_read"):
            await other.fetchval("SELECT count(*) FROM batches")
            for _ in range(CLAIMS):
                hand.turn(LATE_S)
                assert len(await claim(store, LANES)) == LANES
            assert await _met(url, -inf) >= LANES * CLAIMS
            assert await _met(url, store._writer._front.begins_at) < LANES * 10
    finally:
        await other.close()


@pytest.mark.parametrize("way", ["submitted", "given back"])
async def test_a_lane_that_is_claimable_again_is_found_beyond_the_front(
    store: PostgresStore, hand: Hand, way: str
) -> None:
    await submit(store, new_job(1))
    leases = await claim(store)
    for _ in range(3):
        hand.turn(A_WHILE_S)
        assert await claim(store) == []
    assert store._writer._front.look().begins_at > -inf
    await (submit(store, new_job(2)) if way == "submitted" else store.give_back(leases))
    assert len(await claim(store)) == 1


async def test_a_lane_whose_turn_came_too_late_is_found_by_a_look_from_the_very_beginning(
    url: str, store: PostgresStore, hand: Hand
) -> None:
    await submit(store, new_job(1))
    assert len(await claim(store, 1)) == 1
    await submit(store, new_job(2), new_job(3), new_job(4))
    for _ in range(2):
        hand.turn(LATE_S)
        assert len(await claim(store, 1)) == 1
    other = await asyncpg.connect(url)
    await other.execute("UPDATE lanes SET turn = 1")
    await other.close()
    assert await claim(store) == []
    hand.turn(WHOLE_S)
    assert len(await claim(store)) == 1


async def _met(url: str, begins_at: float) -> int:
    """How many entries of the index a look for the next lanes reads."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
            await connection.fetch(NEXT, LANES, begins_at)
            return int(await connection.fetchval(READ))
    finally:
        await connection.close()
