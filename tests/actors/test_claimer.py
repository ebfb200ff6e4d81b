"""How far ahead of the fetchers jobs are claimed: what they ask for in about a second, known within a claim or two."""

import asyncio
from collections.abc import Sequence

from engine.jobs.lease import Lease
from engine.jobs.status import Status
from tests.actors.stage import Stage, Troubled, jobs, on_stage
from tests.contracts.jobs import new_job, submit
from tests.virtual_time import run_virtual

TRIP_S = 0.005


def pages(count: int) -> list[str]:
    return [f"page{number}" for number in range(count)]


class Distant(Troubled):
    """A claim takes its time, and is written down: when it came, and for how many."""

    def __init__(self) -> None:
        super().__init__()
        self.claims: list[tuple[float, int]] = []

    async def claim(self, room: int, *, owner: str, lease_s: float) -> Sequence[Lease]:
        await asyncio.sleep(TRIP_S)
        leases = await super().claim(room, owner=owner, lease_s=lease_s)
        self.claims.append((asyncio.get_running_loop().time(), len(leases)))
        return leases


async def most_ahead(stage: Stage, seconds: float) -> int:
    """Leases that waited for a fetcher, looked at ten times a second."""
    seen = []
    for _ in range(int(seconds * 10)):
        await asyncio.sleep(0.1)
        seen.append(stage.system.leases.depth)
    return max(seen)


def test_no_more_wait_for_few_slots_and_slow_pages_than_they_fetch_in_a_second() -> None:
    async def play(name: str) -> None:
        await asyncio.sleep(0.7 + int(name[4:]) * 0.6 % 0.6)

    async def main() -> None:
        store = Distant()
        await submit(store, *jobs(*pages(200)))
        async with on_stage(store, play, concurrency=4) as stage:
            assert 2 <= await most_ahead(stage, 30) <= 6
            assert all(room <= 8 for _, room in store.claims)

    run_virtual(main())


def test_where_a_page_takes_seconds_none_waits_behind_it() -> None:
    async def play(_: str) -> None:
        await asyncio.sleep(7)

    async def main() -> None:
        store = Distant()
        await submit(store, *jobs(*pages(3)))
        async with on_stage(store, play, concurrency=1) as stage:
            await asyncio.sleep(6)
            assert [(await stage.job(f"job_{number:04}")).status for number in range(3)] == [
                Status.RUNNING,
                Status.QUEUED,
                Status.QUEUED,
            ]
            await asyncio.sleep(7)
            assert (await stage.job("job_0002")).status is Status.QUEUED
            await stage.final("job_0002")

    run_virtual(main())


def test_fast_fetchers_have_all_they_want_from_the_third_claim_on() -> None:
    async def play(_: str) -> None:
        await asyncio.sleep(0.01)

    async def main() -> None:
        store = Distant()
        await submit(store, *jobs(*pages(3000)))
        async with on_stage(store, play, concurrency=64) as stage:
            await stage.final("job_2999")
            sizes = [size for _, size in store.claims if size]
            assert sizes[0] == 64
            assert min(sizes[2:-1]) >= 256
            assert asyncio.get_running_loop().time() <= 3000 / 64 * 0.01 + 0.05

    run_virtual(main())


class Web:
    """Pages take what they take by now."""

    def __init__(self, takes_s: float) -> None:
        self.takes_s = takes_s

    async def __call__(self, _: str) -> None:
        await asyncio.sleep(self.takes_s)


def test_less_is_claimed_ahead_when_pages_become_slow() -> None:
    async def main() -> None:
        store, web = Distant(), Web(0.01)
        await submit(store, *jobs(*pages(1500)))
        async with on_stage(store, web, concurrency=8) as stage:
            assert await most_ahead(stage, 1) >= 256
            web.takes_s = 1.6
            await asyncio.sleep(103)  # what was claimed ahead till then: 512 at most
            assert await most_ahead(stage, 20) <= 8

    run_virtual(main())


def test_nothing_is_claimed_ahead_when_the_store_was_empty() -> None:
    async def main() -> None:
        store, web = Distant(), Web(0.01)
        await submit(store, *jobs(*pages(1500)))
        async with on_stage(store, web, concurrency=8) as stage:
            await stage.final("job_1499")
            web.takes_s, before = 1.6, len(store.claims)
            await submit(store, *[new_job(number) for number in range(1500, 1550)])
            assert await most_ahead(stage, 1.5) == 0
            assert [size for _, size in store.claims[before:] if size] == [8]

    run_virtual(main())


def test_who_is_hungry_gets_what_comes_while_others_fetch() -> None:
    async def main() -> None:
        store = Distant()
        await submit(store, *jobs(*pages(6)))
        async with on_stage(store, Web(25.0), concurrency=10):
            await asyncio.sleep(1)
            await submit(store, *[new_job(number) for number in range(6, 10)])
            await asyncio.sleep(1)
            assert (await store.counts())[Status.RUNNING] == 10

    run_virtual(main())
