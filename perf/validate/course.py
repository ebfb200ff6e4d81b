"""The course of a validation: warm-up, twenty users, slow pages, reads, load, rest. What was seen of it is evidence.

Whoever sets `stop` ends the phase that runs, and those that follow are left out.
"""

import asyncio
from asyncio import TaskGroup
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import time
from typing import Any

import aiohttp

from engine.runtime import ticks
from perf.load.drive import Driver, LoadError
from perf.load.ground import Ground
from perf.load.section import Section
from perf.load.shapes import shape_of
from perf.sampler import Sampler, read
from perf.validate import histogram, waits
from perf.validate.callers import WITHIN, Book, Callers, Tally
from perf.validate.evidence import LOAD, NORMAL, READS, REST, SLOW, Calls, Evidence, Span
from perf.validate.flood import JOBS, Flood
from perf.validate.notes import Notes
from perf.validate.plan import Plan
from perf.validate.probe import Windows
from perf.validate.reads import read_on
from perf.validate.slow import SlowPages

START, WARM_UP = "start", "warm-up"
WARM_UP_RATE, LOAD_RATE = 50.0, 150.0
"""Requests a second; under load, half as many again as the contract asks for."""
TELL_EVERY_S = 30.0
LOOK_EVERY_S = 0.25
SETTLES_WITHIN_S = 60.0
"""What is accepted and not over is waited for, longer than the rest is planned for."""
LAST_LOOK_S = 1.5
SERVER = "server.csv"


class Course:
    """Goes once over one ground; the folder takes what Locust and the sampler write."""

    def __init__(
        self, *, ground: Ground, plan: Plan, folder: Path, headers: Mapping[str, str], stop: asyncio.Event
    ) -> None:
        self._ground = ground
        self._plan = plan
        self._folder = folder
        self._headers = headers
        self._stop = stop
        self._notes = Notes()

    async def seen(self) -> Evidence:
        """Of all phases that were gone through, whole or in part."""
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, headers=self._headers) as client:
            windows = Windows(client=client, url=self._ground.url, faults=self._notes.book.faults)
            if not await windows.is_there():
                self._notes.calls[START] = {"health": Calls(requests=1, failures=1, refused=0)}
                return self._notes.evidence(windows, self._folder / SERVER)
            before = await self._told(client)
            self._notes.limit_source = await self._limit_source(client)
            sampler = Sampler(url=self._ground.url, pid=self._ground.pid, headers=self._headers)
            first = await sampler.first()
            self._notes.began_at = time()
            async with TaskGroup() as group:
                sampling = group.create_task(sampler.run(self._folder / SERVER, first=first))
                probing = group.create_task(windows.run())
                await self._phases(client)
                await self._over_within(LAST_LOOK_S)
                sampling.cancel()
                probing.cancel()
            self._notes.jobs(read(before), read(await self._told(client)))
        return self._notes.evidence(windows, self._folder / SERVER)

    async def _phases(self, client: aiohttp.ClientSession) -> None:
        plan = self._plan
        async with self._phase(WARM_UP, plan.warm_up):
            spared_s = await self._warm_up(client, plan.warm_up)
        async with self._phase(NORMAL, plan.normal):
            await self._normal(plan.normal)
        async with self._phase(SLOW, plan.slow):
            await self._slow(client, plan.slow)
        async with self._phase(READS, plan.reads):
            await self._reads(plan.reads)
        async with self._phase(LOAD, plan.load + spared_s):
            await self._load(client, plan.load + spared_s)
        async with self._phase(REST, plan.rest):
            await self._rest(client, plan.rest)

    @asynccontextmanager
    async def _phase(self, name: str, lasts_s: float) -> AsyncIterator[None]:
        """Its span; the phase itself may know better when it really began."""
        if not self._stop.is_set():
            print(f"{name}: {lasts_s:.3g} s", flush=True)
        began_s = self._notes.now_s()
        yield
        known = self._notes.spans.get(name)
        if not self._stop.is_set() or self._notes.now_s() > began_s + LOOK_EVERY_S:
            ended_s = self._notes.now_s()
            self._notes.spans[name] = Span(began_s=known.began_s if known else began_s, ended_s=ended_s)

    async def _warm_up(self, client: aiohttp.ClientSession, lasts_s: float) -> float:
        """Callers and a flood beside them: how much of the time it did not take."""
        began_s, flood = self._notes.now_s(), Flood(client=client, ground=self._ground, book=self._notes.book)
        tallies = await self._callers(client, WARM_UP_RATE, flood.run(lasts_s, self._stop.is_set))
        took_s = self._notes.now_s() - began_s
        print(f"  a flood of {flood.jobs} jobs ({JOBS} at most) in {took_s:.0f} s", flush=True)
        self._notes.flooded = flood.jobs
        self._notes.calls[WARM_UP] = {
            kind: tally.calls() for kind, tally in (*tallies.items(), *flood.asker.tallies.items())
        }
        return max(lasts_s - took_s, 0.0)

    async def _callers(
        self, client: aiohttp.ClientSession, rate: float, until: Coroutine[Any, Any, None]
    ) -> Mapping[str, Tally]:
        ground, book = self._ground, self._notes.book
        callers = Callers(client=client, url=ground.url, site=ground.site, rate=rate, book=book)
        async with TaskGroup() as group:
            calling = group.create_task(callers.run())
            telling = group.create_task(self._tell(book))
            await until
            callers.stop()
            await asyncio.wait((calling,))
            telling.cancel()
        return callers.tallies

    async def _tell(self, book: Book) -> None:
        async for _ in ticks(TELL_EVERY_S):
            passed_s = self._notes.now_s()
            print(f"  {passed_s:.0f} s, {book.accepted} jobs, {book.faults.total()} failures", flush=True)

    async def _normal(self, lasts_s: float) -> None:
        """Locust's users, as `python -m perf load --scenario normal` sends them."""
        if self._stop.is_set():
            return
        key = self._headers.get("X-API-Key")
        driver, folder = Driver(ground=self._ground, stop=self._stop, ui=False, api_key=key), self._folder / NORMAL
        folder.mkdir()
        shape = shape_of(NORMAL, lasts_s=max(lasts_s, 1.0))
        try:
            is_complete = await driver.drive(shape, folder)
        except LoadError as error:
            self._notes.book.faults[f"the users did not come: {str(error)[-200:]}"] += 1
            return
        section = Section.read(folder, shape=shape, is_complete=is_complete)
        self._notes.users(section, folder)

    async def _slow(self, client: aiohttp.ClientSession, lasts_s: float) -> None:
        if self._stop.is_set():
            return
        pages = SlowPages(client=client, ground=self._ground, book=self._notes.book)
        await pages.run(lasts_s, self._stop.is_set)
        self._notes.calls[SLOW] = {kind: tally.calls() for kind, tally in pages.asker.tallies.items()}
        self._notes.running_most, self._notes.guests_most = pages.crowd.running_most, pages.crowd.guests_most

    async def _reads(self, lasts_s: float) -> None:
        if not self._stop.is_set() and (jobs := list(self._notes.book.jobs)):
            calls = await read_on(self._ground.url, jobs, self._headers, self._lasting(lasts_s))
            self._notes.calls[READS] = {"explain": calls}
            if calls.failures:
                self._notes.book.faults["explain: no answer, or another than 200"] += calls.failures

    async def _load(self, client: aiohttp.ClientSession, lasts_s: float) -> None:
        if self._stop.is_set():
            return
        told_before, waited_s = await self._told(client), waits.waited_s(self._ground.pid)
        async with TaskGroup() as group:
            looking = group.create_task(self._notes.lateness.run())
            tallies = await self._callers(client, LOAD_RATE, self._over_within(lasts_s))
            looking.cancel()
        self._notes.starved_s = _gained(waited_s, waits.waited_s(self._ground.pid))
        told_after = await self._told(client)
        before, after = histogram.read(told_before), histogram.read(told_after)
        self._notes.calls[LOAD] = {
            kind: tally.calls(histogram.p95_ms(before, after, kind)) for kind, tally in tallies.items()
        }

    async def _told(self, client: aiohttp.ClientSession) -> str:
        """Its metrics; nothing where it does not tell: then only callers have seen."""
        try:
            async with client.get(f"{self._ground.url}/metrics", timeout=WITHIN) as answer:
                answer.raise_for_status()
                text = await answer.text()
                return text if read(text) else ""
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return ""

    async def _limit_source(self, client: aiohttp.ClientSession) -> str | None:
        """Who limits the service's memory; where nobody does it is the machine."""
        try:
            async with client.get(f"{self._ground.url}/api/v1/system/memory", timeout=WITHIN) as answer:
                return str((await answer.json())["limit"]["source"])
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
            return None

    async def _rest(self, client: aiohttp.ClientSession, lasts_s: float) -> None:
        """At least until all that is due is over, and shown to be."""
        await self._over_within(lasts_s)
        ends_at = time() + SETTLES_WITHIN_S
        async for _ in ticks(LOOK_EVERY_S):
            if self._stop.is_set() or time() > ends_at or await self._is_settled(client):
                break

    async def _is_settled(self, client: aiohttp.ClientSession) -> bool:
        try:
            async with client.get(f"{self._ground.url}/api/v1/jobs/queue/status", timeout=WITHIN) as answer:
                queue = await answer.json()
                return bool(queue["due"] + queue["running_jobs"] == 0)
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
            return False

    def _lasting(self, seconds: float) -> Callable[[], bool]:
        """Is it still going on?"""
        ends_at = time() + seconds
        return lambda: time() < ends_at and not self._stop.is_set()

    async def _over_within(self, seconds: float) -> None:
        """Waits for so long, or until somebody stops it."""
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            pass


def _gained(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before
