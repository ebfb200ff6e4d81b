"""The lines of one stream on their way to the disk, and what is said of each, in their order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson

from engine.api.answers import LineAccepted, LineRefused
from engine.api.bodies import document_of, validated
from engine.api.dates import shown
from engine.api.errors import BodyTooLargeError, LineTooLongError, refusal_of
from engine.api.idempotency import answered_before, once_of
from engine.api.rendering import rendered
from engine.api.requests import StreamedRequest
from engine.api.services import Services
from engine.api.submits import job_of
from engine.errors import EngineError, OverloadedError
from engine.jobs.command import Command, Submit
from engine.jobs.job import Job
from engine.jobs.once import Once
from engine.jobs.ports import Answer
from engine.jobs.trace import TraceContext
from engine.runtime.errors import KernelError
from engine.runtime.window import Window

WIDTH = 512
"""Lines on their way: two commits of the persister's, so that one is written while the next is read."""
WIDTH_BYTES = 64 * 1024
"""As much of lines, too: five hundred usual ones."""
LONG_LINE_BYTES = 16 * 1024
TURN = 256
"""Lines after which others have their turn, however fast this client is."""
ROUTE = "/api/v1/scrape/stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A line, and what is said of it if its commit has no other answer."""

    line: int
    said: LineAccepted | LineRefused
    size: int = 0
    """Of what is on its way to the disk, in bytes."""
    is_asked: bool = False
    once: Once | None = None


class Intake:
    """From the bytes of lines to their answers; `write` may wait for the client."""

    def __init__(
        self,
        *,
        services: Services,
        window: Window[Command, Answer],
        write: Callable[[bytes], Awaitable[None]],
        trace: TraceContext | None,
    ) -> None:
        self._services = services
        self._window = window
        self._trace = trace
        self._write = write
        self._line = 0
        self._waiting: deque[Waiting] = deque()
        self._bytes = 0

    async def take(self, raw: bytes | None) -> None:
        """Submits a line, None for one that was too long; waits for answers while too much is on its way."""
        self._line += 1
        if raw is not None and len(raw) > LONG_LINE_BYTES:
            await self._take_alone(raw)
        elif raw != b"":
            await self._take(raw)
        if len(self._waiting) >= WIDTH or self._bytes >= WIDTH_BYTES:
            await self.answer(leaving=len(self._waiting) // 2)
        if not self._line % TURN:
            await asyncio.sleep(0)

    async def _take(self, raw: bytes | None) -> None:
        self._waiting.append(await self._submitted(raw))
        self._bytes += self._waiting[-1].size

    async def _take_alone(self, raw: bytes) -> None:
        """What it becomes is more than what the stream holds anyway."""
        await self.answer()
        try:
            async with self._services.admission.reading(raw):
                await self._take(raw)
                await self.answer()
        except (BodyTooLargeError, OverloadedError) as error:
            self._waiting.append(Waiting(line=self._line, said=_refused(self._line, error)))

    async def answer(self, *, leaving: int = 0) -> None:
        """Answers the lines on their way, the oldest first, but for so many; what is known goes out without delay."""
        block = bytearray()
        while len(self._waiting) > leaving:
            waiting = self._waiting.popleft()
            self._bytes -= waiting.size
            if block and waiting.is_asked and not self._window.has_answer:
                await self._write(bytes(block))
                block.clear()
            block += rendered(await self._said(waiting)) + b"\n"
        if block:
            await self._write(bytes(block))

    async def _submitted(self, raw: bytes | None) -> Waiting:
        try:
            if raw is None:
                raise LineTooLongError
            return await self._asked(validated(StreamedRequest, document_of(raw), services=self._services), raw)
        except (EngineError, KernelError) as error:
            return Waiting(line=self._line, said=_refused(self._line, error))

    async def _asked(self, asked: StreamedRequest, raw: bytes) -> Waiting:
        job = job_of(asked, self._services, now=self._services.now(), trace=self._trace)
        said, key = _accepted(self._line, job, asked), None
        if asked.idempotency_key is not None:
            key = once_of(key=asked.idempotency_key, route=ROUTE, raw=raw, answer=rendered(said))
        await self._window.put(Submit(jobs=(job,), once=key))
        return Waiting(line=self._line, said=said, size=len(raw), is_asked=True, once=key)

    async def _said(self, waiting: Waiting) -> LineAccepted | LineRefused:
        if not waiting.is_asked:
            return waiting.said
        try:
            answer = await self._window.take()
            before = None if waiting.once is None else answered_before(answer, waiting.once)
        except (EngineError, KernelError) as error:
            return _refused(waiting.line, error)
        return waiting.said if before is None else _again(waiting.line, before)


def _accepted(line: int, job: Job, asked: StreamedRequest) -> LineAccepted:
    return LineAccepted(
        line=line,
        job_id=job.id,
        status="queued",
        created_at=shown(job.created_at),
        warnings=list(asked.warnings()),
        replayed=False,
    )


def _again(line: int, before: str) -> LineAccepted:
    said: LineAccepted = orjson.loads(before)
    return {**said, "line": line, "replayed": True}


def _refused(line: int, error: Exception) -> LineRefused:
    refusal = refusal_of(error)
    return LineRefused(line=line, error=refusal.name, message=refusal.message, details=list(refusal.details) or None)
