"""Where suspects are many: few wait in a process, nobody else waits for that, and they have their turn."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from actors.system import SUSPECTS_WAITING
from engine.jobs.command import Submit
from engine.jobs.job import Batch, Job
from engine.jobs.lease import Lease
from engine.jobs.losses import STEP_S, SUSPECT_AFTER, put_off_s
from engine.jobs.status import Status
from tests.actors.stage import Stage, Troubled, on_stage, submit_suspects
from tests.contracts.jobs import LEASE_S, new_job
from tests.virtual_time import run_virtual

AT_ONCE = SUSPECTS_WAITING + 1
"""In flight in one process: one is fetched."""
LIMIT = AT_ONCE + 2


class Watched(Troubled):
    """Writes down how many are put off at once, and has that done as `way` does it."""

    def __init__(self) -> None:
        super().__init__()
        self.put_offs: list[int] = []
        self.way: Callable[[], Awaitable[object]] | None = None

    async def put_off(self, leases: Sequence[Lease], *, before: int) -> None:
        self.put_offs.append(len(leases))
        if self.way is not None:
            await self.way()
        await super().put_off(leases, before=before)


def suspects(count: int) -> list[Job]:
    return [new_job(number, path=f"suspect{number}") for number in range(count)]


def taking(seconds: float, others: float = 0.1) -> Callable[[str], Awaitable[None]]:
    async def play(name: str) -> None:
        await asyncio.sleep(seconds if name.startswith("suspect") else others)

    return play


async def most_in_flight(stage: Stage, seconds: float) -> int:
    seen = 0
    for _ in range(int(seconds * 10)):
        await asyncio.sleep(0.1)
        seen = max(seen, (await stage.store.queue()).running)
    return seen


def test_few_suspects_wait_in_a_process_and_one_is_fetched_as_long_as_there_are_any() -> None:
    async def main() -> None:
        store, jobs = Watched(), suspects(12)
        await submit_suspects(store, *jobs)
        began_at = asyncio.get_running_loop().time()
        async with on_stage(store, taking(3.0)) as stage:
            assert await most_in_flight(stage, 20) == AT_ONCE
            ends = [await stage.final(job.id) for job in jobs]
            took_s = asyncio.get_running_loop().time() - began_at
            assert {(job.status, job.attempts) for job in ends} == {(Status.COMPLETED, 1)}
            assert took_s <= len(jobs) * 3.0 + 1.0
            assert stage.is_empty_handed

    run_virtual(main())


def test_a_batch_goes_on_with_what_is_no_suspect_within_its_limit() -> None:
    async def main() -> None:
        store = Watched()
        jobs = [new_job(number, path=f"suspect{number}", batch_id="batch_1") for number in range(2 * LIMIT)]
        pages = [new_job(number, path=f"page{number}", batch_id="batch_1") for number in range(100, 120)]
        batch = Batch(id="batch_1", total=len(jobs) + len(pages), created_at=0.0, parallel_limit=LIMIT)
        await store.commit([Submit(jobs=(*jobs, *pages), batch=batch)])
        for _ in range(2 * SUSPECT_AFTER):
            await store.give_back(await store.claim(LIMIT, owner="before", lease_s=LEASE_S), lost=True)
        await asyncio.sleep(put_off_s(SUSPECT_AFTER, before=LIMIT))
        await store.promote(len(jobs))
        async with on_stage(store, taking(10.0)) as stage:
            await asyncio.sleep(21)
            assert [(await stage.job(page.id)).status for page in pages] == [Status.COMPLETED] * len(pages)
            assert [(await stage.job(job.id)).status for job in jobs].count(Status.QUEUED) >= len(jobs) - 1 - AT_ONCE

    run_virtual(main())


def test_however_many_suspects_are_put_off_few_come_back_at_a_time() -> None:
    async def main() -> None:
        store, jobs, seconds = Watched(), suspects(100), 60
        await submit_suspects(store, *jobs)
        async with on_stage(store, taking(200.0)) as stage:
            await asyncio.sleep(seconds)
            assert sum(store.put_offs) <= len(jobs) + seconds / STEP_S
            assert len(store.put_offs) <= len(jobs) / 4 + 2 * seconds
            assert (await stage.job(jobs[0].id)).status is Status.RUNNING

    run_virtual(main())


def test_who_is_killed_while_suspects_are_put_off_keeps_none_of_them() -> None:
    async def main() -> None:
        store, jobs = Watched(), suspects(8)
        await submit_suspects(store, *jobs)
        store.way = asyncio.get_running_loop().create_future
        async with on_stage(store, taking(0.1)) as stage:
            await asyncio.sleep(1)
            assert store.put_offs
            store.way = None
            for task in asyncio.all_tasks():
                if task.get_name() == "claimer":
                    task.cancel()
            ends = [await stage.final(job.id) for job in jobs]
            assert {job.status for job in ends} == {Status.COMPLETED}
            await asyncio.sleep(1)
            assert (stage.restarts, stage.is_empty_handed) == (1, True)

    run_virtual(main())
