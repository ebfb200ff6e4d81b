"""Takes in one body: small ones are kept in one piece, large ones go to the sink while they arrive.

It holds at most a chunk and what one read brings, unless the whole is wanted; that is bounded by the cap.
"""

from dataclasses import dataclass
from hashlib import sha256

from engine.fetch.limits import CHUNK_BYTES
from engine.fetch.problem import ProblemError
from engine.jobs.outcome import Chunks, ErrorType
from engine.jobs.ports import Sink


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """`kept` is empty where it went to the sink and nobody wants it whole; `start` is its first chunk in any case."""

    kept: bytes
    start: bytes
    size: int
    chunks: Chunks | None = None


class Intake:
    """Counts decoded bytes against the cap."""

    __slots__ = ("_cap", "_chunks", "_digest", "_keeps_whole", "_kept", "_pending", "_sink", "_size", "_start")

    def __init__(self, *, cap: int, keeps_whole: bool, sink: Sink) -> None:
        self._cap = cap
        self._keeps_whole = keeps_whole
        self._sink = sink
        self._size = 0
        self._chunks = 0
        self._digest = sha256()
        self._pending = bytearray()
        self._start = b""
        self._kept: list[bytes] = []

    async def add(self, piece: bytes) -> None:
        """Raises ProblemError above the cap."""
        self._size += len(piece)
        if self._size > self._cap:
            raise too_large(self._cap)
        self._pending += piece
        if self._size > CHUNK_BYTES:
            while len(self._pending) >= CHUNK_BYTES:
                await self._spill()

    async def end(self) -> Body:
        if not self._chunks:
            whole = bytes(self._pending)
            return Body(kept=whole, start=whole, size=self._size)
        if self._pending:
            await self._spill()
        chunks = Chunks(count=self._chunks, sha256=self._digest.hexdigest())
        return Body(kept=b"".join(self._kept), start=self._start, size=self._size, chunks=chunks)

    async def _spill(self) -> None:
        piece = bytes(self._pending[:CHUNK_BYTES])
        del self._pending[:CHUNK_BYTES]
        self._start = self._start or piece
        self._chunks += 1
        self._digest.update(piece)
        if self._keeps_whole:
            self._kept.append(piece)
        await self._sink(piece)


def too_large(cap: int) -> ProblemError:
    return ProblemError(ErrorType.BODY_TOO_LARGE, f"the body is larger than {cap} bytes")
