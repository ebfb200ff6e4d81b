"""A store tells that the time of a scheduled job has come, whatever it was scheduled by."""

from collections.abc import Awaitable, Callable

import pytest

from engine.jobs.lease import Lease
from engine.jobs.losses import SUSPECT_AFTER
from engine.jobs.ports import JobStore
from tests.contracts.jobs import claim, claim_one, new_job, put_off, settle, submit
from tests.contracts.stores import START, Hand

LATER_S = 60.0
"""All are due by then, and none now."""


async def lose(store: JobStore, lease: Lease) -> None:
    """Until it is a suspect."""
    for _ in range(SUSPECT_AFTER - 1):
        await store.give_back([lease], lost=True)
        (lease,) = await claim(store)
    await store.give_back([lease], lost=True)


WAYS: dict[str, Callable[[JobStore, Lease], Awaitable[object]]] = {
    "submitted": lambda store, _: submit(store, new_job(9, due_at=START + LATER_S)),
    "tried again": lambda store, lease: settle(store, put_off(lease, START + LATER_S)),
    "put off": lambda store, lease: store.put_off([lease], before=1),
    "lost": lose,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_a_store_knows_of_what_it_scheduled_once_it_is_due(
    store: JobStore, hand: Hand, way: Callable[[JobStore, Lease], Awaitable[object]]
) -> None:
    lease = await claim_one(store)
    assert await store.promote(10) == 0
    await way(store, lease)
    hand.turn(LATER_S)
    assert store.has_due()
    assert await store.promote(10) == 1
