"""Slow pages, more than are to be fetched at once: how many are, as the service and the site see it.

The service tells its running jobs and how many may be fetched at once; what it fetches is no more than either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter

import aiohttp

from engine.runtime import ticks
from perf.load.ground import Ground
from perf.validate.asker import Asker
from perf.validate.callers import ACCEPTED, WITHIN, Book

JOBS = 100
LOOK_EVERY_S = 0.25
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
        self.asker = Asker(client=client, url=ground.url, book=book)
        self._client = client
        self._sites = (ground.site, *ground.others)
        self._book = book

    async def run(self, lasts_s: float, is_told_to_end: Callable[[], bool]) -> None:
        """For so long at most."""
        ends_at = perf_counter() + lasts_s
        await self._guests("?anew=1")
        late_ms = int(min(max(lasts_s * 300, LATE_MS[0]), LATE_MS[1]))
        sites = zip(cycle(self._sites), range(JOBS), strict=False)
        jobs = [{"url": f"{site}/delay/{late_ms}/page/{number}"} for site, number in sites]
        made = await self.asker.ask("bulk", "POST", "/scrape/bulk", ACCEPTED, {"jobs": jobs})
        if made is None:
            return
        self._book.accepted += JOBS
        async for _ in ticks(LOOK_EVERY_S):
            if is_told_to_end() or await self._is_over() or perf_counter() > ends_at:
                break
        self.crowd.guests_most = await self._guests("")

    async def _is_over(self) -> bool:
        queue = await self.asker.queue()
        if queue is None:
            return False
        fetched = min(int(queue["running_jobs"]), int(queue["max_concurrent_jobs"]))
        self.crowd.running_most = max(self.crowd.running_most or 0, fetched)
        return int(queue["due"]) + int(queue["running_jobs"]) == 0

    async def _guests(self, query: str) -> int | None:
        """None of a site that does not tell."""
        try:
            async with self._client.get(f"{self._sites[0]}/guests{query}", timeout=WITHIN) as answer:
                return int((await answer.json())["most"]) if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
            return None
