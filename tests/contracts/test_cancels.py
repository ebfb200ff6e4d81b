"""What every JobStore promises of jobs that are ended before their time, or deleted, many at once."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.jobs.command import (
    Cancel,
    CancelBatch,
    CancelMany,
    ClearQueue,
    Command,
    DeleteMany,
    KeepChunk,
    Reached,
    Submit,
)
from engine.jobs.job import Batch
from engine.jobs.lease import Lease
from engine.jobs.outcome import Chunks
from engine.jobs.ports import Answer, JobStore
from engine.jobs.query import JobQuery, Settled
from engine.jobs.status import Status
from engine.jobs.verdict import Settlement
from tests.contracts.jobs import body_of, claim, done, failed, new_job, now, page_with, settle, submit
from tests.contracts.stores import START


async def reached(store: JobStore, command: Command) -> Reached:
    (answer,) = await store.commit([command])
    assert isinstance(answer, Reached)
    return answer


async def test_of_many_those_are_cancelled_that_are_not_final(store: JobStore) -> None:
    await submit(store, *(new_job(number) for number in range(3)), new_job(3, due_at=START + 99))
    finished, running = await claim(store, 2)
    await settle(store, done(finished))
    asked = ("job_0003", "job_none", running.job_id, finished.job_id, "job_0002", "job_0003")
    answer = await reached(store, CancelMany(job_ids=asked))
    assert answer.job_ids == ("job_0003", running.job_id, "job_0002")
    assert answer.passed_over == {"job_none": None, finished.job_id: Status.COMPLETED}
    assert (await store.counts())[Status.CANCELLED] == 3
    assert await settle(store, done(running)) == Settled(accepted=False, status=Status.CANCELLED)
    assert await claim(store) == []


async def test_a_batch_is_cancelled_up_to_a_limit_at_a_time(store: JobStore) -> None:
    await submit(store, *(new_job(number, batch_id="batch_1") for number in range(6)), new_job(6))
    finished, *_ = await claim(store, 2)
    await settle(store, done(finished))
    await submit(store, new_job(7, batch_id="batch_1", due_at=START + 99))
    steps = [await reached(store, CancelBatch(batch_id="batch_1", limit=4)) for _ in range(3)]
    assert [len(step.job_ids) for step in steps] == [4, 3 if finished.job_id == "job_0006" else 2, 0]
    assert not {job_id for step in steps for job_id in step.job_ids} & {"job_0006", finished.job_id}


async def test_clearing_takes_what_is_due_before_what_is_scheduled_and_never_what_runs(store: JobStore) -> None:
    await submit(store, *(new_job(number) for number in range(4)), *(new_job(n, due_at=START + 99 - n) for n in (4, 5)))
    (running,) = await claim(store, 1)
    steps = [await reached(store, ClearQueue(limit=2)) for _ in range(4)]
    assert [step.job_ids for step in steps] == [("job_0001", "job_0002"), ("job_0003", "job_0005"), ("job_0004",), ()]
    assert (await settle(store, done(running))).accepted


@pytest.mark.parametrize("force", [False, True])
async def test_what_is_deleted_leaves_nothing_behind(store: JobStore, *, force: bool) -> None:
    batch = Batch(id="batch_1", total=3, created_at=START, parallel_limit=2)
    jobs = tuple(new_job(number, tags=("red",), batch_id="batch_1") for number in range(3))
    await store.commit([Submit(jobs=jobs, batch=batch)])
    finished, running = await claim(store)
    await store.commit([KeepChunk(job_id=each.job_id, fence=1, seq=0, data=b"x") for each in (finished, running)])
    await settle(store, done(finished, page_with(b"", chunks=Chunks(count=1, sha256="5f"))))
    answer = await reached(store, DeleteMany(job_ids=("job_none", *(job.id for job in jobs)), force=force))
    gone = tuple(job.id for job in jobs) if force else (finished.job_id,)
    assert answer.job_ids == gone
    assert answer.passed_over["job_none"] is None
    for job_id in gone:
        assert (await store.get(job_id), await store.result(job_id), await body_of(store, job_id)) == (None, None, [])
    assert (await store.find(JobQuery(tags=("red",)))).total == 3 - len(gone)
    assert sum((await store.counts()).values()) == 3 - len(gone)
    assert await store.tidy(10) == 0
    assert (await settle(store, done(running))).accepted is not force


async def test_who_waits_for_a_job_hears_that_it_was_deleted(store: JobStore) -> None:
    await submit(store, new_job())
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiter = tasks.create_task(store.wait_until_final("job_0000", 3600))
        tasks.create_task(store.commit([DeleteMany(job_ids=("job_0000",), force=True)]))
    assert waiter.result() is None


BATCH = Batch(id="batch_1", total=4, created_at=START, parallel_limit=4, stop_on_error=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(8)), ways=st.lists(st.sampled_from([done, failed]), min_size=4, max_size=4))
async def test_a_cancel_against_an_outcome_is_decided_once_and_by_the_store(
    store: JobStore, order: list[int], ways: list[Callable[[Lease], Settlement]]
) -> None:
    """All at one time: of each job either an outcome is accepted or one command has cancelled it."""
    jobs = tuple(new_job(number, batch_id="batch_1") for number in range(4))
    await store.commit([DeleteMany(job_ids=tuple(job.id for job in jobs)), Submit(jobs=jobs, batch=BATCH)])
    leases = await claim(store)
    commands: list[Command] = [
        Cancel(job_id="job_0000"),
        CancelMany(job_ids=("job_0001", "job_0000")),
        CancelBatch(batch_id="batch_1", limit=1),
        CancelMany(job_ids=("job_0000", "job_0003")),
    ]
    ends: dict[str, Settled] = {}
    answers: list[Answer] = []

    async def act(number: int) -> None:
        if number < 4:
            ends[leases[number].job_id] = await settle(store, ways[number](leases[number]))
        else:
            answers.extend(await store.commit([commands[number - 4]]))

    await asyncio.gather(*map(act, order))
    cancelled = [job_id for answer in answers if isinstance(answer, Reached) for job_id in answer.job_ids]
    assert len(set(cancelled)) == len(cancelled)
    for job_id, end in ends.items():
        status = (await now(store, job_id)).status
        assert end.accepted == (status in {Status.COMPLETED, Status.FAILED})
        assert end.accepted or (end.status, status) == (Status.CANCELLED, Status.CANCELLED)
        assert not (end.accepted and job_id in cancelled)
    await store.commit([CancelBatch(batch_id="batch_1", limit=4)])
