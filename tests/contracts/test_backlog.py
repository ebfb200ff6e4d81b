"""What every JobStore promises of its backlog: what could be fetched now, and how fast all settle."""

from collections.abc import Awaitable, Callable

import pytest

from engine.jobs.backlog import STALE_S, Backlog, Worker
from engine.jobs.ports import JobStore
from tests.contracts.jobs import claim, new_job, submit
from tests.contracts.stores import START, Hand
from tests.contracts.test_batches import jobs_of, submit_batch


async def nothing(_: JobStore) -> None: ...


async def hosts(store: JobStore) -> None:
    await submit(store, *(new_job(number, host=f"{number % 3}.test") for number in range(7)))


async def later(store: JobStore) -> None:
    await submit(store, new_job(1), new_job(2, due_at=START + 3600))


async def in_hand(store: JobStore) -> None:
    await hosts(store)
    await claim(store, 3)


async def limited(store: JobStore) -> None:
    await hosts(store)
    await submit_batch(store, *jobs_of("batch_1", range(10, 20)), parallel_limit=4)


async def full(store: JobStore) -> None:
    await submit_batch(store, *jobs_of("batch_1", range(9)), parallel_limit=4)
    await claim(store, 3)


SEEN: list[tuple[Callable[[JobStore], Awaitable[None]], int]] = [
    (nothing, 0),
    (hosts, 7),
    (later, 1),
    (in_hand, 4),
    (limited, 11),
    (full, 1),
]


@pytest.mark.parametrize(("happens", "eligible"), SEEN)
async def test_eligible_is_what_is_due_and_has_room(
    store: JobStore, happens: Callable[[JobStore], Awaitable[None]], eligible: int
) -> None:
    await happens(store)
    assert (await store.backlog()).eligible == eligible


def a_worker(owner: str, *, slots: int = 4, per_second: float = 0.0, per_slot: float | None = None) -> Worker:
    return Worker(owner=owner, slots=slots, per_second=per_second, per_slot=per_slot)


async def test_the_rate_is_of_all_who_told_it_and_the_same_for_who_only_asks(store: JobStore) -> None:
    assert await store.backlog() == Backlog(eligible=0, per_second=None)
    await store.backlog(a_worker("one", per_second=5.0, per_slot=2.0))
    told = await store.backlog(a_worker("other", slots=1, per_second=9.0, per_slot=1.0))
    assert told == await store.backlog() == Backlog(eligible=0, per_second=14.0)


async def test_what_one_tells_last_is_what_counts(store: JobStore) -> None:
    await store.backlog(a_worker("one", per_second=50.0, per_slot=2.0))
    assert (await store.backlog(a_worker("one", per_second=1.0, per_slot=2.0))).per_second == 8.0


async def test_who_falls_silent_counts_no_more_but_what_it_could_do_is_remembered(store: JobStore, hand: Hand) -> None:
    await store.backlog(a_worker("one", per_slot=2.0))
    hand.turn(STALE_S + 1)
    assert (await store.backlog()).per_second == 0.0
    assert (await store.backlog(a_worker("next"))).per_second == 8.0
