"""What requests hold of memory is paid for before it is held, out of a budget of their own: submits take none from pages.

Who finds nothing left waits a little, and is then told to come again. What could never be had is refused at once.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from engine.api.errors import BodyTooLargeError
from engine.errors import OverloadedError
from engine.runtime import Allowance, Credits, Deadline, DeadlineExpired

PAID = web.RequestKey("paid", Allowance)
WAITS_S = 2.0
"""For others to be done; measured: a bulk of 10,000 jobs is on the disk after 0.3 s."""
FOLD = 4
"""A body, what it is read into, what of it goes to the disk: so many times its size, at most."""
JOB_BYTES = 2304
"""A job from its request to the disk (measured: 2.1 KB each in bulks of 10,000)."""
LEAST_JOB_BYTES = 18
"""What a job takes of a body at least."""
MOST_ASSUMED = 0.25
"""A body whose length nobody told may be as large as this part of all there is lets it be."""


class Admission:
    """One for all requests of a process."""

    def __init__(self, credits: Credits) -> None:  # noqa: A002 - the word for them
        self._credits = credits

    async def pay(self, request: web.Request, *, most_bytes: int, most_jobs: int) -> int:
        """For its body, which then may have so many bytes. Given back when the request is answered.

        Raises BodyTooLargeError, OverloadedError.
        """
        size = request.content_length
        if size is None:
            size = min(most_bytes, self._largest(most_jobs))
        elif size > most_bytes or need_of(size, most_jobs) > self._credits.most_bytes:
            raise BodyTooLargeError
        request[PAID] = await self._taken(need_of(size, most_jobs))
        return size

    @asynccontextmanager
    async def held(self, size: int) -> AsyncIterator[Allowance]:
        """So many bytes while something goes on. Raises OverloadedError."""
        allowance = await self._taken(min(size, self._credits.most_bytes))
        try:
            yield allowance
        finally:
            allowance.give_back()

    @property
    def free_bytes(self) -> int:
        return max(self._credits.total_bytes - self._credits.held_bytes, 0)

    async def _taken(self, size: int) -> Allowance:
        offered = self._credits.offer(size)
        if offered is not None:
            return offered
        try:
            with Deadline(WAITS_S):
                return await self._credits.take(size, lane="")
        except DeadlineExpired as late:
            raise OverloadedError("the memory for requests is in use; try again a little later") from late

    def _largest(self, most_jobs: int) -> int:
        return max(int(self._credits.most_bytes * MOST_ASSUMED) - need_of(0, most_jobs), 0) // FOLD


def need_of(size: int, most_jobs: int) -> int:
    """Bytes for a body of that size, of so many jobs at most."""
    return FOLD * size + JOB_BYTES * min(most_jobs, 1 + size // LEAST_JOB_BYTES)


def let_go(request: web.Request) -> None:
    """Of what was paid for its body."""
    paid = request.get(PAID)
    if paid is not None:
        paid.give_back()
