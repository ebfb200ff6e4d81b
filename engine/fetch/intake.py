"""Takes in one body: small ones are kept in one piece, large ones go to the sink while they arrive.

It holds at most a chunk and what one read brings, unless the whole is wanted; that is bounded by the cap. Each read is
paid for before it is made.
"""

from hashlib import sha256
from typing import NamedTuple, Protocol

from engine.fetch.limits import CHUNK_BYTES, PIECE_BYTES
from engine.fetch.problem import ProblemError
from engine.jobs.outcome import Chunks, ErrorType


class Body(NamedTuple):
    """`kept` is empty where it went to the sink and nobody wants it whole; `start` is its first chunk in any case."""

    kept: bytes
    start: bytes
    size: int
    chunks: Chunks | None = None


class Desk(Protocol):
    """Where a body is paid for and handed over; what either takes is our time."""

    async def pay(self, size: int) -> None:
        """Returns once the fetch may hold so many bytes. Raises ProblemError if it never may."""

    async def keep(self, piece: bytes) -> None:
        """Returns once the piece of a large body is kept."""


class Intake:
    """Counts decoded bytes against the cap."""

    __slots__ = (
        "_ahead",
        "_cap",
        "_chunks",
        "_desk",
        "_digest",
        "_keeps_whole",
        "_kept",
        "_pending",
        "_size",
        "_start",
    )

    def __init__(self, *, cap: int, keeps_whole: bool, ahead: int, desk: Desk) -> None:
        """`ahead` is what is held besides: the fetch itself, and what waits to be read or unfolded."""
        self._cap = cap
        self._keeps_whole = keeps_whole
        self._ahead = ahead
        self._desk = desk
        self._size = 0
        self._chunks = 0
        self._digest = sha256()
        self._pending = bytearray()
        self._start = b""
        self._kept: list[bytes] = []

    async def make_room(self) -> None:
        """For what is here and the piece to come, as it came and as it goes on; of a large body, its first chunk too.

        If the whole is wanted, in pieces and joined.
        """
        held = 2 * min(self._size + PIECE_BYTES, CHUNK_BYTES)
        if self._chunks:
            held += 2 * self._size if self._keeps_whole else CHUNK_BYTES
        await self._desk.pay(self._ahead + held)

    async def add(self, piece: bytes) -> None:
        """Of at most PIECE_BYTES. Raises ProblemError above the cap."""
        self._size += len(piece)
        if self._size > self._cap:
            raise too_large(self._cap)
        self._pending += piece
        if self._size > CHUNK_BYTES:
            while len(self._pending) >= CHUNK_BYTES:
                await self._spill()
        await self.make_room()

    async def end(self) -> Body:
        if not self._chunks:
            whole = bytes(self._pending)
            return Body(kept=whole, start=whole, size=self._size)
        if self._pending:
            await self._spill()
        chunks = Chunks(count=self._chunks, sha256=self._digest.hexdigest())
        return Body(kept=b"".join(self._kept), start=self._start, size=self._size, chunks=chunks)

    async def _spill(self) -> None:
        with memoryview(self._pending) as pending:
            piece = bytes(pending[:CHUNK_BYTES])
        del self._pending[:CHUNK_BYTES]
        self._start = self._start or piece
        self._chunks += 1
        self._digest.update(piece)
        if self._keeps_whole:
            self._kept.append(piece)
        await self._desk.keep(piece)


def too_large(cap: int) -> ProblemError:
    return ProblemError(ErrorType.BODY_TOO_LARGE, f"the body is larger than {cap} bytes")


def unaffordable(size: int, most: int) -> ProblemError:
    return ProblemError(
        ErrorType.BODY_TOO_LARGE, f"it takes {size} bytes of memory, and all fetches together have {most}"
    )
