"""Who waits in this process for work or for the end of a job, and how they hear of it; and who counts ends.

Told after the commit, in the loop; what is told between a waiter's look at the store and its wait is not lost.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from engine.jobs.job import Job
from engine.jobs.ports import Ends


class News:
    """Keeps nothing but who waits just now."""

    def __init__(self, *, ended: Callable[[Ends], object]) -> None:
        """`ended` is told of Ends."""
        self._ended = ended
        self._work = asyncio.Event()
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self.due_at = 0.0
        """When the first of the scheduled jobs is due, as far as it is known here."""

    def work_came(self) -> None:
        self._work.set()

    def looks_for_work(self) -> None:
        """What comes from here on is news to who waits next."""
        self._work.clear()

    def scheduled(self, due_at: float) -> None:
        self.due_at = min(self.due_at, due_at)

    def ended(self, job_ids: Iterable[str]) -> None:
        if not self._waiting:
            return
        for job_id in job_ids:
            for waiter in self._waiting.get(job_id, ()):
                if not waiter.done():
                    waiter.set_result(None)

    def ends_came(self, ends: Ends) -> None:
        """Of one transaction."""
        if ends:
            self._ended(ends)

    @property
    def awaited(self) -> tuple[str, ...]:
        """Jobs for whose end somebody waits."""
        return tuple(self._waiting)

    async def work(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._work.wait()

    async def final(self, job_id: str, timeout_s: float, get: Callable[[str], Awaitable[Job | None]]) -> Job | None:
        """The job once it is final, or as it is at the time-out."""
        with self._waiter(job_id) as waiter:
            job = await get(job_id)
            if job is None or job.status.is_final:
                return job
            await asyncio.wait((waiter,), timeout=timeout_s)
            return await get(job_id)

    @contextmanager
    def _waiter(self, job_id: str) -> Iterator[asyncio.Future[None]]:
        """Waits from before the store is read."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiters = self._waiting.setdefault(job_id, [])
        waiters.append(waiter)
        try:
            yield waiter
        finally:
            waiters.remove(waiter)
            if not waiters:
                self._waiting.pop(job_id, None)
