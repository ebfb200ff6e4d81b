"""Callers who ask at a pace: each when its turn has come and its last call was answered, so that nobody is flooded.

They submit 3 times, ask for a status twice, for the list, a search and health once each.
"""

import asyncio
from asyncio import TaskGroup
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from types import MappingProxyType
from typing import Any

import aiohttp
import orjson

from perf.load.verdicts import fault, is_refused
from perf.percentile import percentile_ms
from perf.validate.evidence import Calls

WITHIN_S = 30.0
"""Later than that is no answer. One that failed counts as one of so long."""
WITHIN = aiohttp.ClientTimeout(total=WITHIN_S)
CALLERS = 30
MIX = ("submit", "submit", "submit", "status", "status", "list", "search", "health")
PAGES = 2000
"""Of the site, so many different ones are asked for."""
REMEMBERED_JOBS = 2000
ACCEPTED, OK = 202, 200
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Tally:
    """What came of the calls of one kind."""

    taken_s: list[float] = field(default_factory=list)
    failures: int = 0
    refused: int = 0

    def calls(self, server_p95_ms: float | None = None) -> Calls:
        return Calls(
            requests=len(self.taken_s),
            failures=self.failures,
            refused=self.refused,
            p95_ms=percentile_ms(self.taken_s, 95) if self.taken_s else None,
            server_p95_ms=server_p95_ms,
        )


@dataclass(slots=True)
class Book:
    """What all callers of a run know together: jobs, how many were accepted, ways to fail."""

    jobs: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED_JOBS))
    accepted: int = 0
    faults: Counter[str] = field(default_factory=Counter)


class Callers:
    """Call one service, `rate` times a second in all, until they are told to stop."""

    def __init__(self, *, client: aiohttp.ClientSession, url: str, site: str, rate: float, book: Book) -> None:
        self.tallies = {kind: Tally() for kind in MIX}
        self._client = client
        self._url = url
        self._site = site
        self._every_s = CALLERS / rate
        self._book = book
        self._is_over = asyncio.Event()

    async def run(self) -> None:
        async with TaskGroup() as group:
            for number in range(CALLERS):
                group.create_task(self._call_on(Random(number), self._every_s * number / CALLERS))

    def stop(self) -> None:
        self._is_over.set()

    async def _call_on(self, random: Random, first_s: float) -> None:
        at = perf_counter() + first_s
        while not await self._over_before(at):
            await self._call(random.choice(MIX), random)
            at = max(at + self._every_s, perf_counter())

    async def _over_before(self, at: float) -> bool:
        try:
            async with asyncio.timeout(max(at - perf_counter(), 0.0)):
                await self._is_over.wait()
        except TimeoutError:
            return self._is_over.is_set()
        return True

    async def _call(self, kind: str, random: Random) -> None:
        jobs = self._book.jobs
        if kind == "submit" or (kind == "status" and not jobs):
            page = f"{self._site}/page/{random.randrange(PAGES)}"
            await self._ask("submit", "POST", "/api/v1/scrape", body={"url": page, "tags": ["validate"]})
        elif kind == "status":
            await self._ask(kind, "GET", f"/api/v1/scrape/{random.choice(jobs)}")
        elif kind == "list":
            await self._ask(kind, "GET", "/api/v1/jobs?page_size=20&status=completed")
        elif kind == "search":
            await self._ask(kind, "POST", "/api/v1/jobs/search", body={"tags": ["validate"], "page_size": 20})
        else:
            await self._ask(kind, "GET", "/health")

    async def _ask(self, kind: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        tally, began, expected = self.tallies[kind], perf_counter(), ACCEPTED if kind == "submit" else OK
        try:
            async with self._client.request(method, self._url + path, json=body, timeout=WITHIN) as answer:
                told = await answer.read()
                if is_refused(answer.status, answer.headers.get("Retry-After")):
                    tally.refused += 1
                    return
                found = fault(answer.status, expected=expected)
                job = job_in(told) if kind == "submit" and not found else None
                found = found or ("no job in the answer" if kind == "submit" and not job else "")
        except (aiohttp.ClientError, TimeoutError) as error:
            job, found = None, fault(0, expected=expected, error=error)
        tally.taken_s.append(WITHIN_S if found else perf_counter() - began)
        if found:
            tally.failures += 1
            self._book.faults[f"{kind}: {found}"] += 1
        elif job:
            self._book.jobs.append(job)
            self._book.accepted += 1


def job_in(told: bytes) -> str | None:
    """The id that a submit's answer names; None where it names none."""
    try:
        return str(orjson.loads(told)["job_id"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
