"""The course of a test: phases of load, each until what it waits for has come, and a moment recorded each second.

A phase that waits in vain ends at its deadline, and says so.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from perf.autoscale.client import Client
from perf.autoscale.manifest import Scaler
from perf.autoscale.record import Moment, Phase, Record
from perf.autoscale.scene import Scene

MOMENT_S = 1.0
SINGLES_EVERY_S = 0.5
STEADILY = 5
"""So many of them may be on their way at once."""
LEARNED_BY = 40
POLITE = 2000
POLITE_AT_ONCE = 2
PACE_S = 10.0
"""How often a process tells its figures on PostgreSQL: nobody can see it sooner."""
SLACK_S = 180.0
"""What a phase may take beyond its reckoning, on a machine with much else to do."""


class Course:
    """`scaler` with its times as they are played."""

    def __init__(
        self, *, scene: Scene, client: Client, scaler: Scaler, record: Record, now: Callable[[], float], jobs: int
    ) -> None:
        self._scene = scene
        self._client = client
        self._scaler = scaler
        self._record = record
        self._now = now
        self._jobs = jobs

    async def up(self) -> None:
        async with self._watched(), self._steadily():
            await self._spike("spike", self._jobs)

    async def down(self) -> None:
        async with self._watched(), self._steadily():
            await self._calm("calm")

    async def full(self) -> None:
        async with self._watched():
            await self._quiet()
            async with self._steadily():
                await self._spike("spike", self._jobs)
                await self._calm("calm")
                await self._spike("second spike", self._jobs // 2)
                await self._calm("second calm")

    async def learn(self) -> None:
        """How fast a worker is: before that is known nothing can be told in seconds."""
        async with self._watched():
            await self._client.many(LEARNED_BY)
            await self._phase("learn", self._is_known, SLACK_S)

    async def settled(self) -> None:
        """Nothing is waiting or in anybody's hand."""
        async with self._watched():
            await self._phase("end", self._is_empty, SLACK_S)

    async def _quiet(self) -> None:
        """A job alone after a rest, and a site that lets few in at once: neither is a reason for one worker more."""
        await self._phase("rest", self._never, 2 * PACE_S, is_wait=False)
        await self._client.one()
        (batch, *others) = await self._client.many(POLITE, parallel_limit=POLITE_AT_ONCE)
        await self._phase("polite", self._never, 3 * PACE_S, is_wait=False)
        for each in (batch, *others):
            await self._client.cancel(each)

    async def _spike(self, name: str, jobs: int) -> None:
        await self._client.many(jobs)
        await self._phase(name, self._is_drained, jobs + SLACK_S)

    async def _calm(self, name: str) -> None:
        down = self._scaler.down
        steps_s = self._scaler.most * max(policy.period_s for policy in down.policies)
        await self._phase(name, self._is_least, down.window_s + steps_s + SLACK_S)

    async def _phase(
        self, name: str, over: Callable[[], Awaitable[bool]], within_s: float, *, is_wait: bool = True
    ) -> None:
        began_s, is_over = self._now(), False
        print(f"{began_s:6.0f} s  {name}", flush=True)
        while not is_over and self._now() < began_s + within_s:
            await asyncio.sleep(MOMENT_S)
            is_over = await over()
        self._record.phases.append(
            Phase(name=name, began_s=began_s, ended_s=self._now(), is_over=is_over or not is_wait)
        )

    async def _never(self) -> bool:
        return False

    async def _is_known(self) -> bool:
        return await self._is_empty() and (await self._scene.standing()).value is not None

    async def _is_empty(self) -> bool:
        return sum(await self._client.queue()) == 0

    async def _is_drained(self) -> bool:
        """But for what comes steadily."""
        return sum(await self._client.queue()) <= STEADILY

    async def _is_least(self) -> bool:
        standing = await self._scene.standing()
        return standing.wanted == standing.ready == self._scaler.least

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        async with self._beside(self._watch, MOMENT_S):
            yield

    @asynccontextmanager
    async def _steadily(self) -> AsyncIterator[None]:
        """A job now and then, so that there is always something in somebody's hand."""
        async with self._beside(self._client.one, SINGLES_EVERY_S):
            yield

    @asynccontextmanager
    async def _beside(self, act: Callable[[], Awaitable[None]], every_s: float) -> AsyncIterator[None]:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_until(stop, act, every_s))
            try:
                yield
            finally:
                stop.set()

    async def _watch(self) -> None:
        queued, running = await self._client.queue()
        self._record.moments.append(
            Moment(
                at_s=self._now(),
                standing=await self._scene.standing(),
                submitted=len(self._client.acknowledged),
                queued=queued,
                running=running,
                submit_ms=self._client.submit_ms,
            )
        )


async def _until(stop: asyncio.Event, act: Callable[[], Awaitable[None]], every_s: float) -> None:
    """What was begun is finished: a submit that is broken off may have been acknowledged."""
    while not stop.is_set():
        await act()
        await asyncio.sleep(every_s)
