"""Jobs submitted together, and ended before their time, through every actor: in virtual time."""

import asyncio
from typing import Any

import pytest

from actors.system import System
from engine.jobs.command import Cancel, CancelBatch, CancelMany, ClearQueue, Command, DeleteMany, Submit
from engine.jobs.job import Batch, Job
from engine.jobs.request import Options
from engine.jobs.status import Status
from tests.actors.playing import Web, playing
from tests.contracts.jobs import new_job
from tests.virtual_time import run_virtual

FOREVER_S = 1000.0
ABORTED_WITHIN_S = 0.1
ONCE = {"options": Options(max_retries=0)}


async def submit(system: System, jobs: int, **bounds: Any) -> tuple[Job, ...]:
    found = tuple(new_job(number, batch_id="batch_1", created_at=0.0, request=ONCE) for number in range(jobs))
    await system.commit(Submit(jobs=found, batch=Batch(id="batch_1", total=jobs, created_at=0.0, **bounds)))
    return found


async def settled(system: System, jobs: tuple[Job, ...]) -> None:
    for job in jobs:
        await system.store.wait_until_final(job.id, FOREVER_S)


WAYS: dict[str, list[Command]] = {
    "one by one": [Cancel(job_id="job_0000"), Cancel(job_id="job_0001")],
    "many": [CancelMany(job_ids=("job_0001", "job_0000"))],
    "the batch": [CancelBatch(batch_id="batch_1", limit=1), CancelBatch(batch_id="batch_1", limit=1)],
    "deleted": [DeleteMany(job_ids=("job_0001", "job_0000"), force=True)],
}


@pytest.mark.parametrize("way", WAYS)
def test_running_fetches_are_broken_off_at_once_when_their_jobs_are_cancelled(way: str) -> None:
    async def main() -> None:
        web, loop = Web(takes_s=FOREVER_S), asyncio.get_running_loop()
        async with playing(web, concurrency=4) as system:
            await submit(system, 2)
            await asyncio.sleep(5)
            assert web.open == 2
            asked_at = loop.time()
            for command in WAYS[way]:
                await system.commit(command)
            assert not len(system.ledger)
            await asyncio.sleep(ABORTED_WITHIN_S)
            assert web.open == 0
            assert all(at - asked_at <= ABORTED_WITHIN_S for at in web.broken_off.values())
        assert len(web.asked) == len(web.broken_off) == 2

    run_virtual(main())


@pytest.mark.parametrize("command", [CancelBatch(batch_id="batch_1", limit=100), ClearQueue(limit=100)])
def test_what_was_cancelled_before_its_fetch_began_is_never_asked_for(command: Command) -> None:
    """Some of it was claimed already and waits for a fetcher."""

    async def main() -> None:
        web = Web(takes_s=1.0)
        async with playing(web, concurrency=2) as system:
            jobs = await submit(system, 100)
            await asyncio.sleep(1.5)  # two have come back, and it is known how fast they do
            claimed = (await system.store.counts())[Status.RUNNING]
            assert 2 < claimed < 98
            await system.commit(command)
            await settled(system, jobs)
            await asyncio.sleep(5)
            counts = await system.store.counts()
        if isinstance(command, CancelBatch):
            assert (len(web.asked), counts[Status.CANCELLED]) == (4, 98)
        else:
            assert len(web.asked) == counts[Status.COMPLETED] == 2 + claimed
            assert counts[Status.CANCELLED] == 98 - claimed

    run_virtual(main())


def test_a_batch_keeps_within_its_limit_and_loses_no_time_by_it() -> None:
    async def main() -> None:
        web, loop = Web(takes_s=0.5), asyncio.get_running_loop()
        async with playing(web, concurrency=8) as system:
            await settled(system, await submit(system, 40, parallel_limit=4))
            took_s = loop.time()
        assert (web.most_open, len(web.asked)) == (4, 40)
        assert took_s < 7  # ten times half a second, and what a claim and a commit wait for others

    run_virtual(main())


def test_a_failure_stops_its_batch_and_what_runs_goes_on() -> None:
    async def main() -> None:
        web = Web(takes_s=1.0)
        web.failing = {"http://site.test/1"}
        async with playing(web, concurrency=8) as system:
            await settled(system, await submit(system, 20, parallel_limit=2, stop_on_error=True))
            figures = await system.store.batch("batch_1")
        assert figures is not None
        assert figures.status is Status.FAILED
        assert figures.counts == {
            Status.QUEUED: 0,
            Status.RUNNING: 0,
            Status.COMPLETED: 1,
            Status.FAILED: 1,
            Status.CANCELLED: 18,
        }
        assert len(web.asked) == 2

    run_virtual(main())
