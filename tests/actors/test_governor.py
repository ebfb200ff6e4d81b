"""Fetchers behind the valve, and the governor over it: who sleeps, what happens to leases, who falls back."""

import asyncio

import pytest

from engine.jobs.command import Cancel
from engine.jobs.outcome import ErrorType, Failure
from engine.jobs.request import Options
from engine.jobs.status import Status
from engine.runtime import FellBack
from tests.actors.stage import Stage, Troubled, Unmoved, jobs, on_stage, submit_suspects
from tests.contracts.jobs import LEASE_S, new_job, submit
from tests.engine.jobs.builders import a_failure
from tests.virtual_time import run_virtual

MANY = [f"page{number}" for number in range(40)]
ONCE = {"options": Options(max_retries=0)}


async def a_while(_: str) -> None:
    await asyncio.sleep(0.5)


async def narrowed(stage: Stage, width: int) -> None:
    """As the memory's ladder does it; waits until the governor has seen it."""
    stage.system.governing.ceiling = width
    await asyncio.sleep(1)
    assert stage.system.valve.width == width


async def all_done(stage: Stage, count: int) -> None:
    for number in range(count):
        job = await stage.final(f"job_{number:04}")
        assert (job.status, job.attempts) == (Status.COMPLETED, 1)


def test_no_more_are_fetched_at_once_than_the_valve_is_wide() -> None:
    async def main() -> None:
        store, at_once = Troubled(), list[int]()

        async def play(name: str) -> None:
            at_once.append(len(stage.web.inside))
            await a_while(name)

        async with on_stage(store, play, concurrency=8) as stage:
            await narrowed(stage, 3)
            await submit(store, *jobs(*MANY))
            await all_done(stage, len(MANY))
            assert max(at_once) == 3  # all eight waited for a lease when it was narrowed
            await asyncio.sleep(1)
            assert stage.is_empty_handed

    run_virtual(main())


def test_what_is_fetched_when_it_is_narrowed_ends_and_what_it_is_opened_for_begins() -> None:
    async def main() -> None:
        store = Troubled()
        await submit(store, *jobs(*MANY))
        async with on_stage(store, a_while, concurrency=8) as stage:
            await asyncio.sleep(0.1)
            assert len(stage.web.inside) == 8
            await narrowed(stage, 2)
            assert len(stage.web.inside) == 2
            stage.system.governing.ceiling = 8
            await asyncio.sleep(5)
            await all_done(stage, len(MANY))

    run_virtual(main())


def test_a_lease_that_waits_is_renewed_and_dropped_once_it_is_no_longer_held() -> None:
    async def main() -> None:
        store = Troubled()

        async def play(name: str) -> None:
            await asyncio.sleep(3 * LEASE_S if name == "page0" else 0.5)

        async with on_stage(store, play, concurrency=4) as stage:
            await narrowed(stage, 1)
            await submit(store, *jobs(*MANY[:4]))
            await asyncio.sleep(1)
            assert len(stage.web.inside) == 1
            await stage.system.commit(Cancel(job_id="job_0002"))
            for number in (0, 1, 3):
                job = await stage.final(f"job_{number:04}")
                assert (job.attempts, job.losses, job.fence) == (1, 0, 1)
            assert "page2" not in stage.web.beside

    run_virtual(main())


def test_what_waits_when_a_drain_begins_goes_back_unbegun() -> None:
    async def main() -> None:
        store = Troubled()
        async with on_stage(store, a_while, concurrency=6) as stage:
            await narrowed(stage, 1)
            await submit(store, *jobs(*MANY[:6]))
            await asyncio.sleep(0.2)
            assert len(stage.web.inside) == 1
        found = [await stage.job(f"job_{number:04}") for number in range(6)]
        assert sorted(job.status for job in found) == [Status.COMPLETED, *[Status.QUEUED] * 5]
        assert [job.losses for job in found] == [0] * 6
        assert stage.is_empty_handed
        assert not stage.system.valve.inside

    run_virtual(main())


def test_a_crash_leaves_the_valve_whether_it_fetched_or_waited() -> None:
    async def main() -> None:
        store = Troubled()
        await submit(store, *jobs(*MANY))
        async with on_stage(store, a_while, concurrency=4) as stage:
            await narrowed(stage, 2)
            for _ in range(3):
                for task in [task for task in asyncio.all_tasks() if task.get_name() == "fetcher"]:
                    task.cancel()
                    await asyncio.sleep(1)
            for number in range(len(MANY)):
                await stage.final(f"job_{number:04}")
            await asyncio.sleep(1)
            assert stage.system.valve.inside == stage.system.leases.hungry == 2

    run_virtual(main())


@pytest.mark.parametrize("least", [1, 100])
def test_a_site_in_trouble_is_left_to_few_unless_that_is_ruled_out(monkeypatch: pytest.MonkeyPatch, least: int) -> None:
    saw = list[object]()
    monkeypatch.setattr(Unmoved, "saw", lambda _, event: saw.append(event))

    async def main() -> None:
        store = Troubled()

        async def play(_: str) -> Failure:
            await asyncio.sleep(0.1)
            return a_failure(error_type=ErrorType.CONNECT_TIMEOUT)

        await submit(store, *jobs(*[f"page{number}" for number in range(400)]))
        async with on_stage(store, play, concurrency=100, least=least) as stage:
            await asyncio.sleep(1)
            assert (stage.system.valve.width == 100) == (least == 100)

    run_virtual(main())
    falls = [event for event in saw if isinstance(event, FellBack)]
    assert [(fall.why, fall.was) for fall in falls] == ([("errors", 64)] if least == 1 else [])


def test_a_whole_system_grows_to_what_a_slow_site_takes() -> None:
    async def main() -> None:
        store = Troubled()

        async def play(_: str) -> None:
            await asyncio.sleep(4.0)

        await submit(store, *jobs(*[f"page{number}" for number in range(1300)]))
        async with on_stage(store, play, concurrency=128):
            await asyncio.sleep(28)
            before = (await store.queue()).due
            await asyncio.sleep(12)
            assert before - (await store.queue()).due >= 0.9 * 12 * 128 / 4.0

    run_virtual(main())


def test_suspects_leave_to_others_half_of_what_is_done_without_them_and_narrow_nothing() -> None:
    async def play(name: str) -> None:
        await asyncio.sleep(2.5 if name.startswith("suspect") else 0.5)

    async def main() -> None:
        store = Troubled()
        await submit(store, *[new_job(number, path=f"page{number}") for number in range(1200)])
        async with on_stage(store, play, concurrency=64) as stage:
            await asyncio.sleep(5)
            begun = len(stage.web.beside)
            await asyncio.sleep(5)
            half = (len(stage.web.beside) - begun) / 2
            await all_done(stage, 1200)
            names = [f"suspect{number}" for number in range(8)]
            await submit_suspects(store, *[new_job(number, path=names[number - 9000]) for number in range(9000, 9008)])
            await submit(store, *[new_job(number, path=f"page{number}") for number in range(2000, 4500)])
            begun, widths = len(stage.web.beside), set[int]()
            for _ in range(30):
                await asyncio.sleep(1)
                widths.add(stage.system.valve.width)
            met = [beside for name, beside in stage.web.beside.items() if name in names]
            assert len(stage.web.beside) - begun - len(met) >= 6 * half - 64
            assert min(widths) == 64
            assert len(met) >= 5
            assert all(len(beside) == 1 for beside in met)

    run_virtual(main())


def test_few_leases_that_come_to_more_than_may_be_awake_are_fetched_at_once() -> None:
    async def main() -> None:
        store = Troubled()
        async with on_stage(store, a_while, concurrency=8) as stage:
            await narrowed(stage, 3)
            await submit(store, *jobs(*MANY[:2]))
            await asyncio.sleep(1)
            await all_done(stage, 2)
            assert asyncio.get_running_loop().time() < 3

    run_virtual(main())
