"""Slow pages, more than are to be fetched at once: how many are, as the service and the site see it.

The service tells its running jobs and how many may be fetched at once; what it fetches is no more than either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter
from typing import Any

import aiohttp
import orjson

from engine.runtime import ticks
from perf.load.ground import Ground
from perf.validate.callers import ACCEPTED, WITHIN, Book, Tally

JOBS = 100
LOOK_EVERY_S = 0.25
QUEUE = {"running_jobs", "max_concurrent_jobs", "due"}
LATE_MS = (500, 4000)
"""At least and at most."""


@dataclass(slots=True, kw_only=True)
class Crowd:
    """The most that were seen."""

    running_most: int | None = None
    guests_most: int | None = None


class SlowPages:
    """Has slow pages fetched, and looks until they are over."""

    def __init__(self, *, client: aiohttp.ClientSession, ground: Ground, book: Book) -> None:
        self.crowd = Crowd()
        self.tallies = {"bulk": Tally(), "queue": Tally()}
        self._client = client
        self._api = f"{ground.url}/api/v1"
        self._sites = (ground.site, *ground.others)
        self._book = book

    async def run(self, lasts_s: float, is_told_to_end: Callable[[], bool]) -> None:
        """For so long at most."""
        ends_at = perf_counter() + lasts_s
        await self._guests("?anew=1")
        late_ms = int(min(max(lasts_s * 300, LATE_MS[0]), LATE_MS[1]))
        sites = zip(cycle(self._sites), range(JOBS), strict=False)
        jobs = [{"url": f"{site}/delay/{late_ms}/page/{number}"} for site, number in sites]
        made = await self._ask("bulk", "POST", "/scrape/bulk", ACCEPTED, {"jobs": jobs})
        if made is None:
            return
        self._book.accepted += JOBS
        async for _ in ticks(LOOK_EVERY_S):
            if is_told_to_end() or await self._is_over() or perf_counter() > ends_at:
                break
        self.crowd.guests_most = await self._guests("")

    async def _is_over(self) -> bool:
        queue = await self._ask("queue", "GET", "/jobs/queue/status", 200)
        if queue is None or not queue.keys() >= QUEUE:
            return False
        fetched = min(int(queue["running_jobs"]), int(queue["max_concurrent_jobs"]))
        self.crowd.running_most = max(self.crowd.running_most or 0, fetched)
        return int(queue["due"]) + int(queue["running_jobs"]) == 0

    async def _ask(
        self, kind: str, method: str, path: str, expected: int, body: object = None
    ) -> dict[str, Any] | None:
        tally, began = self.tallies[kind], perf_counter()
        try:
            async with self._client.request(method, self._api + path, json=body, timeout=WITHIN) as answer:
                told, found = await answer.read(), f"status {answer.status}" if answer.status != expected else ""
        except (aiohttp.ClientError, TimeoutError) as error:
            told, found = b"", f"no answer: {type(error).__name__}"
        tally.taken_s.append(perf_counter() - began)
        if found:
            tally.failures += 1
            self._book.faults[f"{kind}: {found}"] += 1
            return None
        return _dict_of(told)

    async def _guests(self, query: str) -> int | None:
        """None of a site that does not tell."""
        try:
            async with self._client.get(f"{self._sites[0]}/guests{query}", timeout=WITHIN) as answer:
                return int((await answer.json())["most"]) if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
            return None


def _dict_of(told: bytes) -> dict[str, Any]:
    """Empty for what is no JSON object."""
    try:
        answered = orjson.loads(told)
    except orjson.JSONDecodeError:
        return {}
    return answered if isinstance(answered, dict) else {}
