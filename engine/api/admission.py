"""What requests hold of memory is paid for before it is held, out of a budget of their own, not out of that of pages.

Who finds nothing left waits a little, and is then told to come again. What could never be had is refused at once.
"""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web
from aiohttp.hdrs import CONTENT_ENCODING

from engine.api.errors import BodyTooLargeError
from engine.api.requests import MOST_BULK_JOBS
from engine.api.route import Handler
from engine.errors import OverloadedError
from engine.runtime import Allowance, Credits, Deadline, DeadlineExpired

WAITS_S = 2.0
"""For others to be done: a bulk of 10,000 jobs is on the disk after 0.3 s (2 shared cores)."""
SMALL_BYTES = 1024
"""Nobody looks at what stands in a body up to this: it is held to be the worst."""
JOB_BYTES = 1280
"""A job from its request to the disk, beside what it was parsed into; all of these: tests/engine/api/weigh.py."""
OBJECT_BYTES, VALUE_BYTES = 232, 88
"""Of parsed JSON, at most: an object's dict, and each value in one or in a list."""
TEXT, WIDE_TEXT = 6, 12
"""How often text is there at the same time: as it came, parsed, on its way to the disk. One wide character is enough to
make Python take four bytes for each of its text's."""
ENTRIES = (b",", b":", b"[")
USUAL_JOB_NEED = TEXT * 100 + OBJECT_BYTES + 3 * VALUE_BYTES + JOB_BYTES
SMALL_NEED = 32 * 1024
"""What a body up to SMALL_BYTES becomes at the most, and what a request takes beside its body."""
MOST_ASSUMED = 8
"""A body whose length nobody told, or that unfolds, may be as large as would fit so often into the budget."""

T = TypeVar("T")


class Paid:
    """What one request holds."""

    __slots__ = ("_allowance", "_most_jobs", "_waits_s")

    def __init__(self, allowance: Allowance, *, most_jobs: int, waits_s: float) -> None:
        self._allowance = allowance
        self._most_jobs = most_jobs
        self._waits_s = waits_s

    async def to_read(self, raw: bytes) -> None:
        """Pays for what a body becomes. Raises BodyTooLargeError, OverloadedError."""
        if len(raw) > SMALL_BYTES:
            need = need_of(raw, self._most_jobs)
            if need > self._allowance.most:
                raise BodyTooLargeError
            await _soon(self._allowance.reach(need), self._waits_s)


PAID = web.RequestKey("paid", Paid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is taken in now, in one body."""

    jobs: int
    """Usual ones: a URL of some hundred characters, and nothing else."""
    body_bytes: int
    """Of a plain text."""


class Admission:
    """One for all requests of a process."""

    def __init__(self, credits: Credits, *, waits_s: float = WAITS_S) -> None:  # noqa: A002 - the word for them
        self._credits = credits
        self._waits_s = waits_s

    def paid(self, handler: Handler, *, most_bytes: int, most_jobs: int) -> Handler:
        """The handler of requests with bodies up to that size, of so many jobs at most; it holds until it has answered.

        Its requests can raise BodyTooLargeError and OverloadedError.
        """

        async def pay(request: web.Request) -> web.StreamResponse:
            if is_small := took_small(request):
                size = SMALL_BYTES
            else:
                request, size = self._sized(request, most_bytes)
            allowance = self._credits.offer(SMALL_NEED + size) or await self._waited(SMALL_NEED + size)
            if not is_small:
                request[PAID] = Paid(allowance, most_jobs=most_jobs, waits_s=self._waits_s)
            try:
                return await handler(request)
            finally:
                allowance.give_back()

        return pay

    @asynccontextmanager
    async def holding(self, size: int) -> AsyncIterator[None]:
        """So many bytes while something goes on, or all there are. Raises OverloadedError."""
        size = min(size, self._credits.most_bytes)
        allowance = self._credits.offer(size) or await self._waited(size)
        try:
            yield
        finally:
            allowance.give_back()

    @asynccontextmanager
    async def reading(self, raw: bytes) -> AsyncIterator[None]:
        """While one job is read out of that, and written down. Raises BodyTooLargeError, OverloadedError."""
        need = need_of(raw, 1)
        if need > self._credits.most_bytes:
            raise BodyTooLargeError
        async with self.holding(need):
            yield

    def room(self) -> Room:
        free = max(self._credits.total_bytes - self._credits.held_bytes, 0)
        return Room(jobs=min(free // USUAL_JOB_NEED, MOST_BULK_JOBS), body_bytes=free // TEXT)

    def _sized(self, request: web.Request, most_bytes: int) -> tuple[web.Request, int]:
        """What its body may have, and the request held to it. Raises BodyTooLargeError."""
        size = None if CONTENT_ENCODING in request.headers else request.content_length
        if size is not None and size <= SMALL_BYTES:
            return request, size
        size = self._bounded(size, most_bytes)
        return request.clone(client_max_size=size), size

    async def _waited(self, size: int) -> Allowance:
        return await _soon(self._credits.take(size, lane=""), self._waits_s)

    def _bounded(self, size: int | None, most_bytes: int) -> int:
        """What a body may have. Raises BodyTooLargeError."""
        if size is None:
            return min(most_bytes, self._credits.most_bytes // MOST_ASSUMED)
        if size > most_bytes or SMALL_NEED + size > self._credits.most_bytes:
            raise BodyTooLargeError
        return size


def took_small(request: web.Request) -> bool:
    """Takes over a body of at most SMALL_BYTES that came with its head, as most do: `request.read()` has it at once."""
    body = request._payload  # noqa: SLF001 - by its methods to read it takes ten calls
    size = body.total_bytes
    if not 0 < size <= SMALL_BYTES or not body._eof or body._exception is not None:  # noqa: SLF001
        return False
    request._read_bytes = b"".join(body._buffer)  # noqa: SLF001
    return True


def need_of(raw: bytes, most_jobs: int) -> int:
    """Bytes for a body, what it is parsed into, and so many jobs of it at most."""
    objects = raw.count(b"{")
    values = sum(map(raw.count, ENTRIES))
    text = TEXT if raw.isascii() and b"\\u" not in raw else WIDE_TEXT
    return text * len(raw) + OBJECT_BYTES * objects + VALUE_BYTES * values + JOB_BYTES * min(most_jobs, 1 + objects)


async def _soon(wait: Awaitable[T], within_s: float) -> T:
    try:
        with Deadline(within_s):
            return await wait
    except DeadlineExpired as late:
        raise OverloadedError("the memory for requests is in use; try again a little later") from late
