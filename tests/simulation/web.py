"""The web as one process sees it: sites that answer, fail, hang, stall, send large bodies and break who reads them.

Each URL ends with the id of its job, so that what came of every attempt is known.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from random import Random

from engine.jobs.footprint import FLOOR_BYTES
from engine.jobs.outcome import Chunks, ErrorType, Failure, Outcome, Page
from engine.jobs.ports import Credit, Sink
from engine.jobs.request import Request
from engine.runtime import DeadlineExpired, Deadlines, TimeLimit
from tests.simulation.books import Books

GOOD = ("page", "large", "missing")
BAD = ("unwell", "busy", "refused", "cut", "hangs", "final", "page", "page", "large")
TOXIC = "toxic"
"""Jobs whose id holds this crash who fetches them."""
UNSTORABLE = "unstorable"
"""Pages of jobs whose id holds this are refused by the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How the sites are."""

    is_bad: bool
    slowest_s: float


class Visit:
    """What one fetch was given. What the sink and the credit take is not the site's time."""

    def __init__(self, *, deadline: TimeLimit, sink: Sink, credit: Credit) -> None:
        self._began = asyncio.get_running_loop().time()
        self._deadline = deadline
        self._sink = sink
        self._credit = credit

    @property
    def elapsed_s(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    async def kept(self, piece: bytes) -> None:
        await self._ours(self._sink(piece))

    async def paid(self, size: int) -> None:
        await self._ours(self._credit.reach(size))

    async def _ours(self, work: Awaitable[None]) -> None:
        self._deadline.pause()
        try:
            await work
        finally:
            self._deadline.resume()


class Web:
    """A Fetch."""

    def __init__(self, *, random: Random, weather: Weather, books: Books, tell: Callable[..., None]) -> None:
        self.running: Counter[str] = Counter()
        self._random = random
        self._weather = weather
        self._books = books
        self._tell = tell

    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:
        job_id = request.url.rpartition("/")[2]
        self._tell("fetch", job_id)
        self._books.began(job_id)
        self.running[job_id] += 1
        try:
            outcome = await self._within(timeout_s, job_id, sink, credit)
        except (asyncio.CancelledError, Exception):
            self._over(job_id, None)
            raise
        self._over(job_id, outcome)
        return outcome

    def die(self) -> None:
        for job_id, fetches in self.running.items():
            for _ in range(fetches):
                self._books.ended(job_id, None)

    def _over(self, job_id: str, outcome: Outcome | None) -> None:
        self.running[job_id] -= 1
        self._books.ended(job_id, outcome)

    async def _within(self, timeout_s: float, job_id: str, sink: Sink, credit: Credit) -> Outcome:
        deadline = TimeLimit(Deadlines(), timeout_s)
        try:
            with deadline:
                return await self._answer(job_id, Visit(deadline=deadline, sink=sink, credit=credit))
        except DeadlineExpired:
            return Failure(
                error_type=ErrorType.TOTAL_TIMEOUT, message="too slow", may_have_left=True, elapsed_s=timeout_s
            )

    async def _answer(self, job_id: str, visit: "Visit") -> Outcome:
        kind = self._random.choice(BAD if self._weather.is_bad else GOOD)
        await asyncio.sleep(self._random.random() ** 3 * self._weather.slowest_s)
        if TOXIC in job_id:
            raise RuntimeError("a page that breaks its reader")
        if kind == "hangs":
            await asyncio.Event().wait()
        failure = _FAILURES.get(kind)
        if failure is not None:
            return Failure(error_type=failure[0], message=kind, may_have_left=failure[1], elapsed_s=visit.elapsed_s)
        return await self._page(kind, job_id, visit)

    async def _page(self, kind: str, job_id: str, visit: "Visit") -> Page:
        pieces = [self._random.randbytes(300) for _ in range(self._random.randint(2, 4) if kind == "large" else 1)]
        whole = b"".join(pieces)
        await visit.paid(self._random.randint(0, 3) * FLOOR_BYTES)
        if kind == "large":
            for piece in pieces:
                await asyncio.sleep(self._random.random() * self._weather.slowest_s / 4)
                await visit.kept(piece)
        return Page(
            status_code=_CODES.get(kind, 200),
            final_url="http://\ud800/" if UNSTORABLE in job_id else f"http://site.test/{job_id}",
            headers=(),
            content_type="text/plain",
            charset="utf-8",
            body=b"" if kind == "large" else whole,
            size=len(whole),
            elapsed_s=visit.elapsed_s,
            chunks=Chunks(count=len(pieces), sha256=sha256(whole).hexdigest()) if kind == "large" else None,
            retry_after_s=self._random.random() * 3 if kind == "busy" else None,
        )


_CODES = {"missing": 404, "unwell": 503, "busy": 429}
_FAILURES = {
    "refused": (ErrorType.CONNECT, False),
    "cut": (ErrorType.CONNECTION_LOST, True),
    "final": (ErrorType.TLS, False),
}
