"""The flood of a warm-up: jobs as fast as the service works them off, until its memory has come to rest.

Bounded in jobs, in time, and in how many wait at once.
"""

from collections.abc import Callable
from itertools import count, cycle, islice
from time import perf_counter

import aiohttp

from engine.runtime import ticks
from perf.load.ground import Ground
from perf.validate.asker import Asker
from perf.validate.callers import ACCEPTED, PAGES, Book

JOBS = 30_000
"""Memory without what is kept came to rest after some 25,000."""
BULK = 100
WAITING = 500
"""No more are submitted while so many wait or run."""
LOOK_EVERY_S = 0.1
ENDS_S = 10.0
"""What is left of its time to those that wait, or a quarter of it."""


class Flood:
    """Goes once over a service."""

    def __init__(self, *, client: aiohttp.ClientSession, ground: Ground, book: Book, most: int = JOBS) -> None:
        self.jobs = 0
        self._most = most
        self.asker = Asker(client=client, url=ground.url, book=book)
        self._urls = (f"{site}/page/{n % PAGES}" for site, n in zip(cycle((ground.site, *ground.others)), count()))
        self._book = book

    async def run(self, lasts_s: float, is_told_to_end: Callable[[], bool]) -> None:
        """For so long at most, its end included: until all is over."""
        ends_at = perf_counter() + lasts_s
        last_at = ends_at - min(ENDS_S, lasts_s / 4)
        if not is_told_to_end():
            await self._submit()
        async for _ in ticks(LOOK_EVERY_S):
            if is_told_to_end() or perf_counter() > ends_at:
                break
            queue = await self.asker.queue()
            waiting = int(queue["due"]) + int(queue["running_jobs"]) if queue else WAITING
            is_whole = self.jobs >= self._most or perf_counter() > last_at
            if is_whole and not waiting:
                break
            if not is_whole and waiting < WAITING:
                await self._submit()

    async def _submit(self) -> None:
        jobs = [{"url": url, "tags": ["validate"]} for url in islice(self._urls, BULK)]
        made = await self.asker.ask("bulk", "POST", "/scrape/bulk", ACCEPTED, {"jobs": jobs})
        if made is not None:
            self.jobs += BULK
            self._book.accepted += BULK
            self._book.jobs.extend(made.get("job_ids", ()))
