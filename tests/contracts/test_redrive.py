"""What every JobStore promises of putting jobs back: they start anew, and nothing of what they came to is left."""

import asyncio
from typing import Any

import pytest

from engine.jobs.command import Cancel, KeepChunk, Redrive
from engine.jobs.job import Job
from engine.jobs.outcome import Chunks
from engine.jobs.ports import JobStore
from engine.jobs.query import Result, Settled
from engine.jobs.status import Status
from tests.contracts.jobs import (
    body_of,
    claim,
    claim_one,
    done,
    failed,
    new_job,
    now,
    page_with,
    put_off,
    settle,
    submit,
)
from tests.contracts.stores import START, Hand


async def redriven(store: JobStore, *job_ids: str) -> tuple[Job | None, ...]:
    (answer,) = await store.commit([Redrive(job_ids=job_ids)])
    assert isinstance(answer, tuple)
    return answer


ENDS: dict[str, Any] = {
    "failed": lambda store, lease: store.settle([failed(lease)]),
    "failed with a page": lambda store, lease: store.settle([failed(lease, page_with(status_code=503))]),
    "cancelled": lambda store, lease: store.commit([Cancel(job_id=lease.job_id)]),
}


@pytest.mark.parametrize("end", ENDS)
async def test_a_job_that_is_put_back_starts_anew(store: JobStore, hand: Hand, end: str) -> None:
    lease = await claim_one(store, new_job(1, priority=2, tags=("red",), batch_id="batch_1"))
    await ENDS[end](store, lease)
    before = await now(store, lease.job_id)
    hand.turn(5)
    assert await redriven(store, lease.job_id) == (before,)
    after = before.redriven(now=hand.now())
    assert await store.result(lease.job_id) == Result(job=after, page=None)
    assert (after.status, after.attempts, after.losses, after.ran_s, after.error_type) == (Status.QUEUED, 0, 0, 0, None)
    assert (after.created_at, after.fence, after.tags) == (before.created_at, 1, ("red",))
    (again,) = await claim(store)
    assert (again.fence, again.attempts, again.losses, again.ran_s) == (2, 0, 0, 0.0)
    assert await settle(store, done(again)) == Settled(accepted=True, status=Status.COMPLETED)


async def test_others_are_left_as_they_are_and_the_unknown_are_none(store: JobStore, hand: Hand) -> None:
    await submit(store, *(new_job(number) for number in range(3)), new_job(3, due_at=hand.now() + 9))
    running, finished = await claim(store, 2)
    await settle(store, done(finished))
    known = [f"job_{number:04}" for number in range(4)]
    before = [await now(store, job_id) for job_id in known]
    assert await redriven(store, *known, "job_none") == (*before, None)
    assert [await now(store, job_id) for job_id in known] == before
    assert await settle(store, done(running)) == Settled(accepted=True, status=Status.COMPLETED)


@pytest.mark.parametrize("again", [False, True])
async def test_an_old_fence_settles_nothing_of_a_job_that_was_put_back(store: JobStore, *, again: bool) -> None:
    lease = await claim_one(store)
    await store.commit([Cancel(job_id=lease.job_id)])
    await redriven(store, lease.job_id)
    leases = await claim(store) if again else []
    for late in (done(lease), failed(lease), put_off(lease, START + 99)):
        assert not (await settle(store, late)).accepted
    await store.give_back([lease], lost=True)
    assert list(await store.renew([lease], lease_s=30.0)) == [lease]
    job = await now(store, lease.job_id)
    assert (job.attempts, job.losses, job.status) == (0, 0, Status.RUNNING if leases else Status.QUEUED)


async def test_a_job_that_is_put_back_waits_behind_those_that_wait(store: JobStore, hand: Hand) -> None:
    lease = await claim_one(store, new_job(1))
    await settle(store, failed(lease))
    await submit(store, new_job(2), new_job(3), new_job(30))
    hand.turn(10)
    await redriven(store, lease.job_id)
    assert [(await claim(store, 1))[0].job_id for _ in range(4)] == ["job_0002", "job_0003", "job_0001", "job_0030"]


async def test_a_large_body_of_before_is_not_read_and_swept(store: JobStore) -> None:
    lease = await claim_one(store)
    await store.commit([KeepChunk(job_id=lease.job_id, fence=1, seq=seq, data=b"old") for seq in range(3)])
    await settle(store, failed(lease, page_with(b"", status_code=500, chunks=Chunks(count=3, sha256="5f"))))
    assert await store.tidy(100) == 0
    await redriven(store, lease.job_id)
    assert await body_of(store, lease.job_id) == []
    (again,) = await claim(store)
    await store.commit([KeepChunk(job_id=lease.job_id, fence=2, seq=0, data=b"new")])
    assert [await store.tidy(2) for _ in range(3)] == [2, 1, 0]
    await settle(store, done(again, page_with(b"", chunks=Chunks(count=1, sha256="5f"))))
    assert await body_of(store, lease.job_id) == [b"new"]


async def test_the_counts_and_the_figures_follow(store: JobStore) -> None:
    await submit(store, *(new_job(number, batch_id="batch_1") for number in range(4)))
    leases = await claim(store, 3)
    await store.settle([failed(lease) for lease in leases])
    await redriven(store, *(lease.job_id for lease in leases[:2]), leases[0].job_id)
    counts = await store.counts()
    assert (counts[Status.QUEUED], counts[Status.FAILED]) == (3, 1)
    assert (await store.queue()).due == 3
    assert len(await claim(store)) == 3


async def test_who_waits_for_work_or_for_the_end_hears_of_it(store: JobStore) -> None:
    lease = await claim_one(store)
    await settle(store, failed(lease))
    assert await claim(store) == []
    async with asyncio.timeout(5):
        await redriven(store, lease.job_id)
        await store.wait_for_work(3600)
    (again,) = await claim(store)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiter = tasks.create_task(store.wait_until_final(lease.job_id, 3600))
        tasks.create_task(store.settle([done(again)]))
    assert waiter.result() == await now(store, lease.job_id)
