"""What every JobStore promises of jobs submitted together: how many run at once, what a failure does, figures."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from engine.jobs.command import Cancel, DeleteMany, Submit
from engine.jobs.job import Batch, Job
from engine.jobs.lease import Lease
from engine.jobs.ports import JobStore
from engine.jobs.query import BatchFigures
from engine.jobs.status import Status
from tests.contracts.jobs import LEASE_S, claim, done, failed, new_job, now, put_off, settle, submit
from tests.contracts.stores import START, Hand


def a_batch(batch_id: str = "batch_1", *, total: int = 1, **bounds: Any) -> Batch:
    return Batch(id=batch_id, total=total, created_at=START, **bounds)


def jobs_of(batch_id: str, numbers: range, *, hosts: int = 3, **changes: Any) -> list[Job]:
    return [new_job(number, batch_id=batch_id, host=f"{number % hosts}.test", **changes) for number in numbers]


async def submit_batch(store: JobStore, *jobs: Job, **bounds: Any) -> None:
    batch = a_batch(jobs[0].batch_id or "", total=len(jobs), **bounds)
    await store.commit([Submit(jobs=jobs, batch=batch)])


async def statuses(store: JobStore, jobs: list[Job]) -> list[Status]:
    return [(await now(store, job.id)).status for job in jobs]


async def test_a_batch_runs_no_more_at_once_than_its_limit_whoever_claims(store: JobStore) -> None:
    await submit_batch(store, *jobs_of("batch_1", range(9)), parallel_limit=4)
    claims = await asyncio.gather(*(claim(store, 2, owner=f"worker {number}") for number in range(5)))
    assert sorted(map(len, claims)) == [0, 0, 0, 2, 2]
    assert await claim(store) == []


async def test_a_batch_without_a_limit_takes_all_the_room(store: JobStore) -> None:
    await submit_batch(store, *jobs_of("batch_1", range(9)))
    assert len(await claim(store)) == 9


WAYS_OUT: dict[str, Callable[[JobStore, Lease, float], Awaitable[object]]] = {
    "completed": lambda store, lease, _: settle(store, done(lease)),
    "failed": lambda store, lease, _: settle(store, failed(lease)),
    "put off": lambda store, lease, now: settle(store, put_off(lease, now + 99)),
    "given back": lambda store, lease, _: store.give_back([lease]),
    "put off unfetched": lambda store, lease, _: store.put_off([lease], before=0),
    "released": lambda store, *_: store.release("me"),
    "rescued": lambda store, *_: store.rescue(1),
    "cancelled": lambda store, lease, _: store.commit([Cancel(job_id=lease.job_id)]),
    "deleted": lambda store, lease, _: store.commit([DeleteMany(job_ids=(lease.job_id,), force=True)]),
}


@pytest.mark.parametrize("way", WAYS_OUT)
async def test_what_runs_no_more_makes_room_and_who_waits_for_work_hears_of_it(
    store: JobStore, hand: Hand, way: str
) -> None:
    await submit_batch(store, *jobs_of("batch_1", range(5)), parallel_limit=1)
    (lease,) = await claim(store)
    hand.turn(LEASE_S)
    for _ in range(2):
        assert await claim(store) == []
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(store.wait_for_work(3600))
        tasks.create_task(_out(WAYS_OUT[way](store, lease, hand.now())))
    assert len(await claim(store)) == 1


async def _out(way: Awaitable[object]) -> None:
    await way


async def test_a_scheduled_job_of_a_batch_waits_for_room_too(store: JobStore, hand: Hand) -> None:
    early, late = jobs_of("batch_1", range(1)), jobs_of("batch_1", range(1, 3), due_at=START + 5)
    await submit_batch(store, *early, *late, parallel_limit=1)
    (lease,) = await claim(store)
    hand.turn(5)
    assert await store.promote(10) == 2
    assert await claim(store) == []
    await settle(store, done(lease))
    assert len(await claim(store)) == 1


async def test_full_batches_keep_nobody_waiting(store: JobStore) -> None:
    for number in range(5):
        await submit_batch(store, *jobs_of(f"batch_{number}", range(10 * number, 10 * number + 10)), parallel_limit=1)
    assert len(await claim(store)) == 5
    await submit(store, new_job(99))
    assert [lease.job_id for lease in await claim(store, 1)] == ["job_0099"]


async def test_lanes_of_a_batch_with_a_limit_take_their_turn_among_all_others(store: JobStore) -> None:
    await submit(store, *(new_job(number, host="busy.test") for number in range(10)))
    await submit_batch(store, *jobs_of("batch_1", range(10, 20), hosts=1), parallel_limit=10)
    taken = [sorted(lease.job_id >= "job_0010" for lease in await claim(store, 2)) for _ in range(4)]
    assert taken == [[False, True]] * 4


async def test_room_that_a_batch_may_not_fill_goes_to_the_others(store: JobStore) -> None:
    await submit_batch(store, *jobs_of("batch_1", range(10), hosts=10), parallel_limit=2)
    await submit(store, *(new_job(number, host="free.test") for number in range(10, 20)))
    taken = [lease.job_id >= "job_0010" for lease in await claim(store, 9)]
    assert (taken.count(False), taken.count(True)) == (2, 7)


async def test_the_room_of_a_batch_goes_around_among_its_hosts(store: JobStore) -> None:
    await submit_batch(store, *jobs_of("batch_1", range(12), hosts=4), parallel_limit=2)
    hosts = []
    for _ in range(4):
        leases = await claim(store)
        hosts += [lease.request.host for lease in leases]
        await store.settle([done(lease) for lease in leases])
    assert sorted(hosts) == sorted([f"{number}.test" for number in range(4)] * 2)


async def test_many_batches_with_room_come_in_turn(store: JobStore) -> None:
    for number in range(6):
        first = 10 * number
        await submit_batch(store, *jobs_of(f"batch_{number}", range(first, first + 10)), parallel_limit=5)
    batches = [int(lease.job_id[-2]) for _ in range(3) for lease in await claim(store, 2)]
    assert sorted(batches) == list(range(6))


@pytest.mark.parametrize("ending", ["settled", "lost"])
async def test_a_failure_cancels_what_waits_and_leaves_what_runs(store: JobStore, hand: Hand, ending: str) -> None:
    running = jobs_of("batch_1", range(3), method="POST")
    waiting = [*jobs_of("batch_1", range(3, 6)), *jobs_of("batch_1", range(6, 8), due_at=START + 900)]
    await submit_batch(store, *running, stop_on_error=True)
    stranger = new_job(9, batch_id="batch_2")
    first, second, third = await claim(store)
    await store.commit([Submit(jobs=tuple(waiting)), Submit(jobs=(stranger,))])
    await (settle(store, failed(first)) if ending == "settled" else store.give_back([first], lost=True))
    assert await statuses(store, waiting) == [Status.CANCELLED] * 5
    assert (await now(store, "job_0009")).status is Status.QUEUED
    assert (await settle(store, done(second))).accepted
    assert (await settle(store, put_off(third, hand.now() + 1))).accepted
    assert await statuses(store, running) == [Status.FAILED, Status.COMPLETED, Status.QUEUED]


async def test_what_is_tried_again_is_no_failure_and_other_batches_do_not_stop(store: JobStore, hand: Hand) -> None:
    stopping, other = jobs_of("batch_1", range(2)), jobs_of("batch_2", range(2, 4))
    await submit_batch(store, *stopping, stop_on_error=True, parallel_limit=1)
    await submit_batch(store, *other, parallel_limit=1)
    for lease in await claim(store):
        await settle(store, put_off(lease, hand.now()) if lease.job_id < "job_0002" else failed(lease))
    assert sorted(await statuses(store, [*stopping, *other])) == [Status.FAILED, *[Status.QUEUED] * 3]


async def test_who_waits_for_a_job_hears_that_its_batch_was_stopped(store: JobStore) -> None:
    await submit_batch(store, *jobs_of("batch_1", range(2)), parallel_limit=1, stop_on_error=True)
    (lease,) = await claim(store)
    left = "job_0001" if lease.job_id == "job_0000" else "job_0000"
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiter = tasks.create_task(store.wait_until_final(left, 3600))
        tasks.create_task(settle(store, failed(lease)))
    ended = waiter.result()
    assert ended is not None
    assert ended.status is Status.CANCELLED


async def test_a_batch_says_how_its_jobs_stand(store: JobStore, hand: Hand) -> None:
    assert await store.batch("batch_1") is None
    jobs = [*jobs_of("batch_1", range(4)), new_job(4, batch_id="batch_1", due_at=START + 99)]
    batch = a_batch(total=5, parallel_limit=3, stop_on_error=True)
    await store.commit([Submit(jobs=tuple(jobs), batch=batch), Submit(jobs=(new_job(5),))])
    counts = dict.fromkeys(Status, 0)
    assert await store.batch("batch_1") == BatchFigures(batch=batch, counts=counts | {Status.QUEUED: 5}, began_at=None)
    hand.turn(7)
    leases = [lease for lease in await claim(store) if lease.job_id != "job_0005"]
    await settle(store, done(leases[0]))
    counts |= {Status.QUEUED: 2, Status.RUNNING: 2, Status.COMPLETED: 1}
    assert await store.batch("batch_1") == BatchFigures(batch=batch, counts=counts, began_at=START + 7)


async def test_a_batch_seen_before_stays_as_it_is(store: JobStore) -> None:
    jobs = jobs_of("batch_1", range(4))
    for _ in range(2):
        await submit_batch(store, *jobs, parallel_limit=1)
        await claim(store)
    figures = await store.batch("batch_1")
    assert figures is not None
    assert (figures.left, figures.counts[Status.RUNNING]) == (4, 1)
