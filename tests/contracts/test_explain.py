"""What every JobStore can tell of where a job's time went, and of what goes before it."""

from typing import Any

import pytest

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.ports import JobStore
from engine.jobs.query import Explanation
from engine.jobs.stages import Spent, Stage
from tests.contracts.jobs import claim, claim_one, done, failed, measured, new_job, now, put_off, settle, submit
from tests.contracts.stores import Hand

SECOND = 1_000_000
HOME = "home.test"


async def explained(store: JobStore, job_id: str) -> Explanation:
    found = await store.explain(job_id)
    assert found is not None
    assert found.job == await now(store, job_id)
    return found


def of(spent: Spent | None) -> dict[str, int]:
    """Those that are not 0."""
    assert spent is not None
    return {stage.value: took for stage, took in zip(Stage, spent, strict=True) if took}


def took(**stages: int) -> dict[str, int]:
    return {"first_byte": 3, "body": 4, **stages}


async def test_of_an_unknown_job_nothing_can_be_told(store: JobStore) -> None:
    assert await store.explain("job_none") is None


@pytest.mark.parametrize("end", [done, failed])
async def test_a_job_is_told_from_its_making_to_its_end(store: JobStore, hand: Hand, end: Any) -> None:
    await submit(store, new_job(created_at=hand.now()))
    hand.turn(2)
    (lease,) = await claim(store)
    hand.turn(3)
    await settle(store, measured(end(lease), began_at=hand.now() - 2, ended_at=hand.now() - 0.5))
    found = await explained(store, lease.job_id)
    assert of(found.last) == took(queue=2 * SECOND, mailbox=SECOND, persisting=SECOND // 2)
    assert found.total == found.last
    assert (found.ahead, found.before) == (0, 0)


async def test_nothing_is_told_of_a_fetch_that_nobody_measured(store: JobStore) -> None:
    lease = await claim_one(store)
    await settle(store, done(lease))
    found = await explained(store, lease.job_id)
    assert (found.last, found.total) == (None, None)


@pytest.mark.parametrize("priority", [-3, 0, 3])
async def test_until_it_is_due_a_job_is_delayed_and_then_it_queues(store: JobStore, hand: Hand, priority: int) -> None:
    await submit(store, new_job(created_at=hand.now(), due_at=hand.now() + 10, priority=priority))
    hand.turn(12)
    await store.promote(10)
    (lease,) = await claim(store)
    assert (lease.delay_us, lease.queue_us) == (10 * SECOND, 2 * SECOND)
    assert lease.claimed_at == hand.now()


async def test_attempts_are_told_one_by_one_and_together(store: JobStore, hand: Hand) -> None:
    lease = await claim_one(store, new_job(created_at=hand.now()))
    for _ in range(2):
        hand.turn(1)
        retry = put_off(lease, hand.now() + 5)
        await settle(store, measured(retry, began_at=hand.now() - 1, ended_at=hand.now()))
        hand.turn(7)
        await store.promote(10)
        (lease,) = await claim(store)
    await settle(store, measured(done(lease), began_at=hand.now(), ended_at=hand.now()))
    found = await explained(store, lease.job_id)
    assert of(found.last) == took(delay=5 * SECOND, queue=2 * SECOND)
    assert of(found.total) == took(first_byte=9, body=12, delay=10 * SECOND, queue=4 * SECOND)


async def test_what_settles_without_times_leaves_those_of_before(store: JobStore, hand: Hand) -> None:
    lease = await claim_one(store)
    retry = put_off(lease, hand.now())
    await settle(store, measured(retry, began_at=hand.now(), ended_at=hand.now()))
    before = await explained(store, lease.job_id)
    await store.promote(10)
    await settle(store, failed((await claim(store))[0]))
    after = await explained(store, lease.job_id)
    assert (after.last, after.total) == (before.last, before.total)


async def test_a_lease_that_was_given_back_queues_anew(store: JobStore, hand: Hand) -> None:
    lease = await claim_one(store)
    hand.turn(4)
    await store.give_back([lease], lost=True)
    hand.turn(1)
    (again,) = await claim(store)
    assert (again.delay_us, again.queue_us) == (0, SECOND)


async def test_in_its_lane_a_job_is_behind_those_of_lower_rank(store: JobStore) -> None:
    await submit(store, *(new_job(number, host=HOME) for number in range(5)))
    await submit(store, new_job(5, host=HOME, priority=1), new_job(int(PRIORITY_STRETCH_S) + 6, host=HOME, priority=1))
    found = {job_id: (await explained(store, job_id)).ahead for job_id in ("job_0000", "job_0004", "job_0005")}
    assert found == {"job_0000": 1, "job_0004": 5, "job_0005": 0}


async def test_of_one_rank_those_that_came_first_go_first(store: JobStore, hand: Hand) -> None:
    await submit(store, *(new_job(number, host=HOME, created_at=hand.now()) for number in range(3)))
    assert [(await explained(store, f"job_000{number}")).ahead for number in range(3)] == [0, 1, 2]


async def test_meanwhile_every_other_lane_has_its_turns(store: JobStore) -> None:
    await submit(store, *(new_job(number, host=HOME) for number in range(3)))
    await submit(store, *(new_job(number, host="full.test") for number in range(10, 30)))
    await submit(store, new_job(30, host="small.test"))
    found = [await explained(store, f"job_000{number}") for number in range(3)]
    assert [(each.ahead, each.before) for each in found] == [(0, 2), (1, 4), (2, 6)]


async def test_a_scheduled_job_is_behind_those_that_were_due_before_it(store: JobStore, hand: Hand) -> None:
    at = hand.now()
    await submit(store, *(new_job(number, host=HOME, created_at=at + 2 * number) for number in range(3)))
    await submit(store, new_job(9, host=HOME, created_at=at, due_at=at + 3))
    found = await explained(store, "job_0009")
    assert (found.ahead, found.before) == (2, 2)


async def test_nothing_goes_before_what_runs(store: JobStore) -> None:
    await submit(store, *(new_job(number, host=HOME) for number in range(3)))
    (lease,) = await claim(store, 1)
    found = await explained(store, lease.job_id)
    assert (found.ahead, found.before, found.last) == (0, 0, None)
