"""The wall clock is set while a store is at work: no lease ends early, nothing waits longer than it should."""

import pytest

from engine.jobs.ports import JobStore
from tests.contracts.jobs import LEASE_S, claim, claim_one, new_job, put_off, settle, submit
from tests.contracts.stores import Hand

JUMPS_S = [-2 * 3600, 24 * 3600]


@pytest.mark.parametrize("jump_s", JUMPS_S)
async def test_a_lease_ends_when_its_time_has_passed_and_not_before(store: JobStore, hand: Hand, jump_s: float) -> None:
    lease = await claim_one(store)
    hand.jump(jump_s)
    assert await store.rescue(10) == 0
    hand.turn(LEASE_S - 1)
    assert await store.rescue(10) == 0
    assert list(await store.renew([lease], lease_s=LEASE_S)) == []
    hand.turn(LEASE_S - 1)
    hand.jump(-2 * jump_s)
    assert await store.rescue(10) == 0
    hand.turn(1)
    assert await store.rescue(10) == 1


@pytest.mark.parametrize("jump_s", JUMPS_S)
async def test_what_waits_is_due_when_its_time_has_passed_and_not_before(
    store: JobStore, hand: Hand, jump_s: float
) -> None:
    lease = await claim_one(store)
    await settle(store, put_off(lease, hand.now() + 5))
    await submit(store, new_job(1, due_at=hand.now() + 5))
    hand.jump(jump_s)
    assert await store.promote(10) == 0
    hand.turn(5)
    assert await store.promote(10) == 2
    assert len(await claim(store)) == 2
