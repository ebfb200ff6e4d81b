"""One look at a service under load, from the warm-up to the evidence. It can be broken off, and keeps what it has."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from time import monotonic
from typing import Any

import aiohttp

from perf.bottlenecks.calls import Calls
from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.gathering import Gathering
from perf.bottlenecks.look import Glass, Look
from perf.bottlenecks.plans.asking import plans
from perf.bottlenecks.plants import Plant
from perf.bottlenecks.stacks import NoProfileError, stacks
from perf.bottlenecks.visits import visits
from perf.load.ground import Ground
from perf.soak.storm import Storm

EVERY_S = 0.5
TOLD_EVERY_S = 5.0
PAGES = 500
"""Of the site, in turn."""
VISITORS = 2
BULK, AHEAD = 1_000, 4_000
"""Jobs that are submitted at once, and kept waiting: there is always something to do."""


class NobodyThereError(Exception):
    """The service did not answer once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Looks at one ground; whoever sets `stop` ends it early."""

    ground: Ground
    database_url: str | None
    stop: asyncio.Event
    headers: Mapping[str, str]
    """Of all that it asks."""
    warm_up_s: float
    duration_s: float

    async def made(self, plant: Plant | None) -> Evidence:
        """Under the plant's jobs, or under what comes from elsewhere. NobodyThereError."""
        async with aiohttp.ClientSession(headers=self.headers) as client:
            glass = Glass(client=client, url=self.ground.url, pid=self.ground.pid)
            before = await glass.look()
            if before is None:
                raise NobodyThereError(f"{self.ground.url}/metrics does not answer")
            async with self._load(client, plant):
                await self._pause(self.warm_up_s if plant else 0.0)
                evidence = await self._gathered(glass, first=await glass.look() or before)
                return evidence if self.stop.is_set() else await self._looked_into(client, evidence)

    async def _gathered(self, glass: Glass, *, first: Look) -> Evidence:
        calls = Calls(pid=self.ground.pid)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(calls.watch())
            try:
                gathering = await self._looks(glass, first)
            finally:
                watching.cancel()
        is_complete = gathering.lasted_s >= self.duration_s
        return gathering.evidence(calls=calls, is_complete=is_complete)

    async def _looks(self, glass: Glass, first: Look) -> Gathering:
        gathering, told_at = Gathering(first=first), first.at
        while monotonic() < first.at + self.duration_s and not self.stop.is_set():
            await self._pause(EVERY_S)
            look = await glass.look()
            if look is not None:
                gathering.add(look)
            if gathering.last.at - told_at >= TOLD_EVERY_S:
                told_at = gathering.last.at
                print(gathering.told(of_s=self.duration_s), flush=True)
        return gathering

    async def _looked_into(self, client: aiohttp.ClientSession, evidence: Evidence) -> Evidence:
        """What would disturb the figures, and so comes after them, still under load."""
        found, unknown = await plans(self.database_url, evidence)
        if evidence.loop is None:
            unknown = (*unknown, "what its threads did: the kernel was not asked, or does not tell (--pid)")
        try:
            seen = await stacks(client, self.ground.url)
        except NoProfileError as error:
            seen, unknown = (), (*unknown, f"no CPU profile: {error}")
        return replace(evidence, plans=found, stacks=seen, unknown=unknown)

    @asynccontextmanager
    async def _load(self, client: aiohttp.ClientSession, plant: Plant | None) -> AsyncIterator[None]:
        if plant is None:
            yield
            return
        storm = Storm(client=client, api=self.ground.url, site=self.ground.site, seed=7, bulk=BULK, ahead=AHEAD)
        numbers = count()

        def job() -> dict[str, Any]:
            path = plant.path.format(n=next(numbers) % PAGES)
            return {"url": f"{self.ground.site}{path}", "config": {"max_retries": 0, **plant.config}}

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(storm.keep_due(job))]
            tasks += [group.create_task(visits(client, self.ground.url)) for _ in range(VISITORS)]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), seconds)
