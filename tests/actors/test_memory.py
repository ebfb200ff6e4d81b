"""Fetchers with little memory: who waits, what that costs a job, and that all of it comes back."""

import asyncio
from dataclasses import replace

import pytest

from engine.jobs.command import Cancel
from engine.jobs.footprint import FLOOR_BYTES
from engine.jobs.outcome import ErrorType, Failure
from engine.jobs.request import Options
from engine.jobs.returns import PATIENT_TIMES
from engine.jobs.stages import MAILBOX, MEMORY, Spent
from engine.jobs.status import Status
from engine.jobs.verdict import PATIENCE_S
from tests.actors.stage import Stage, Troubled, jobs, on_stage
from tests.contracts.jobs import LEASE_S, new_job, submit
from tests.engine.jobs.builders import a_failure
from tests.virtual_time import run_virtual

SECOND = 1_000_000
ONCE = Options(max_retries=0)
GAVE_UP = a_failure(ErrorType.CONNECTION_LOST, may_have_left=True, kept_waiting_s=PATIENCE_S + 0.1)


async def for_a_second(_: str) -> None:
    await asyncio.sleep(1)


async def spent(stage: Stage, job_id: str) -> Spent:
    found = await stage.store.explain(job_id)
    assert found is not None
    assert found.last is not None
    return found.last


def test_no_more_is_fetched_at_once_than_there_is_memory_for_and_the_wait_is_told() -> None:
    async def scenario() -> None:
        store = Troubled()
        await submit(store, *jobs("a", "b", "c", "d"))
        async with on_stage(store, for_a_second, budget=2 * FLOOR_BYTES) as stage:
            ended = [await stage.final(f"job_{number:04}") for number in range(4)]
            took = sorted([await spent(stage, job.id) for job in ended], key=lambda each: each[MEMORY])
            assert [each[MEMORY] for each in took[:2]] == [0, 0]
            assert [each[MEMORY] for each in took[2:]] == pytest.approx([SECOND, SECOND], rel=0.1)
            assert max(each[MAILBOX] for each in took) < SECOND / 10
        assert stage.is_empty_handed

    run_virtual(scenario())


def test_fetches_that_all_want_more_than_there_is_get_on_one_after_the_other() -> None:
    async def scenario() -> None:
        store = Troubled()
        await submit(store, *jobs("a", "b", "c"))

        async def reaching(name: str) -> None:
            await asyncio.sleep(1)
            await stage.web.credits[name].reach(10 * FLOOR_BYTES)
            await asyncio.sleep(1)

        async with on_stage(store, reaching, budget=3 * FLOOR_BYTES) as stage:
            assert [(await stage.final(f"job_{n:04}")).status for n in range(3)] == [Status.COMPLETED] * 3
        assert stage.is_empty_handed

    run_virtual(scenario())


def test_a_drain_leaves_what_waits_for_memory_to_the_next_process_unharmed() -> None:
    async def scenario() -> None:
        store = Troubled()
        await submit(store, *jobs("a", "b"))
        async with on_stage(store, for_a_second, budget=FLOOR_BYTES) as stage:
            await asyncio.sleep(0.5)
            assert (len(stage.web.inside), stage.system.credits.waiting) == (1, 1)
        ended = [await stage.job(f"job_{number:04}") for number in range(2)]
        assert sorted((job.status, job.attempts, job.losses) for job in ended) == [
            (Status.COMPLETED, 1, 0),
            (Status.QUEUED, 0, 0),
        ]
        assert stage.is_empty_handed

    run_virtual(scenario())


def test_a_job_that_is_cancelled_while_it_waits_for_memory_holds_nobody_up() -> None:
    async def scenario() -> None:
        store = Troubled()
        await submit(store, *jobs("a", "b", "c"))
        async with on_stage(store, for_a_second, budget=FLOOR_BYTES) as stage:
            await asyncio.sleep(0.5)
            waiting = next(name for name in "abc" if name not in stage.web.inside)
            await stage.system.commit(Cancel(job_id=f"job_{'abc'.index(waiting):04}"))
            states = [(await stage.final(f"job_{number:04}")).status for number in range(3)]
            assert sorted(states) == [Status.CANCELLED, Status.COMPLETED, Status.COMPLETED]
        assert stage.is_empty_handed

    run_virtual(scenario())


def test_a_crash_gives_back_the_memory_whether_or_not_the_store_takes_the_job_back() -> None:
    async def scenario() -> None:
        store = Troubled()
        await submit(store, *jobs("crash"))

        async def crashing(_: str) -> None:
            await asyncio.sleep(1)
            raise RuntimeError("a page that breaks its reader")

        async with on_stage(store, crashing, budget=FLOOR_BYTES) as stage:
            await asyncio.sleep(2 * LEASE_S)
            assert stage.restarts
            assert (await stage.final("job_0000")).status is Status.FAILED
            assert stage.is_empty_handed

    run_virtual(scenario())


@pytest.mark.parametrize(
    ("outcome", "method", "attempts", "fetches"),
    [
        (GAVE_UP, "GET", 1, PATIENT_TIMES + 1),
        (GAVE_UP, "POST", 1, 1),
        (replace(GAVE_UP, kept_waiting_s=PATIENCE_S - 0.1), "GET", 1, 1),
        (replace(GAVE_UP, error_type=ErrorType.BAD_ENCODING), "GET", 1, 1),
    ],
    ids=["kept waiting", "must not be sent again", "not for long", "something else"],
)
def test_a_site_that_gives_up_because_we_kept_it_waiting_costs_no_attempt_a_few_times(
    outcome: Failure, method: str, attempts: int, fetches: int
) -> None:
    async def scenario() -> None:
        store, made = Troubled(), list[str]()
        await submit(store, new_job(path="a", method=method, request={"options": ONCE}))

        async def giving_up(name: str) -> Failure:
            made.append(name)
            await asyncio.sleep(1)
            return outcome

        async with on_stage(store, giving_up) as stage:
            job = await stage.final("job_0000")
            assert (job.status, job.attempts, job.losses) == (Status.FAILED, attempts, 0)
            assert len(made) == fetches
        assert stage.is_empty_handed

    run_virtual(scenario())
