"""Undoes Content-Encoding a piece at a time: no piece that unfolds is larger than 32 KiB, whatever was folded."""

import zlib
from collections.abc import Iterator
from typing import Protocol

from engine.fetch.limits import PIECE_BYTES
from engine.fetch.problem import ProblemError
from engine.jobs.outcome import ErrorType

MAX_MEMBERS = 1000
"""gzip streams in one body; each costs a copy of what follows it."""
GZIP = frozenset({"gzip", "x-gzip"})
FOLDED = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})
"""Codings that nobody asked for; any other word is the site's mistake and the body as it is."""


class Inflating(Protocol):
    """zlib's decompressor."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, folded: bytes, limit: int, /) -> bytes: ...


def inflater(content_encoding: str) -> "Inflater | None":
    """None if there is nothing to undo. Raises ProblemError for what cannot be undone."""
    codings = [each.strip() for each in content_encoding.lower().split(",")]
    codings = [each for each in codings if each in GZIP or each in FOLDED or each == "deflate"]
    if not codings:
        return None
    if len(codings) > 1 or codings[0] in FOLDED:
        raise ProblemError(ErrorType.BAD_ENCODING, f"the body is compressed with {', '.join(codings)[:100]}")
    return Inflater(is_gzip=codings[0] in GZIP)


class Inflater:
    """Unfolds one body; what follows its last stream is left out, as browsers do."""

    __slots__ = ("_has_ended", "_is_gzip", "_members", "_stream")

    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._members = 0
        self._stream: Inflating | None = None
        self._has_ended = False

    def pieces(self, folded: bytes) -> Iterator[bytes]:
        """Raises ProblemError when the bytes are not what they were said to be."""
        while folded and not self._has_ended:
            stream = self._stream = self._stream or self._next(folded)
            if stream is None:
                return
            yield from _unfolded(stream, folded)
            if not stream.eof:
                return
            folded, self._stream = stream.unused_data, None

    def end(self) -> None:
        """Raises ProblemError when a part is missing."""
        if self._stream is not None:
            raise ProblemError(ErrorType.BAD_ENCODING, "the compressed body ends too early")

    def _next(self, folded: bytes) -> Inflating | None:
        """What unfolds the bytes to come; None if they are none of the body's."""
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise ProblemError(ErrorType.BAD_ENCODING, f"the compressed body has more than {MAX_MEMBERS} streams")
        self._has_ended = self._members > 1 and not (self._is_gzip and folded.startswith(b"\x1f"))
        return None if self._has_ended else zlib.decompressobj(self._window(folded))

    def _window(self, folded: bytes) -> int:
        """Some sites send deflate without its header: a header begins with an 8 in its lower half."""
        if self._is_gzip:
            return 16 + zlib.MAX_WBITS
        return zlib.MAX_WBITS if folded[0] & 0xF == 8 else -zlib.MAX_WBITS


def _unfolded(stream: Inflating, folded: bytes) -> Iterator[bytes]:
    is_full = True
    # At a stream's end its unconsumed tail is what follows it, so a full or empty tail says nothing any more.
    while (is_full or folded) and not stream.eof:
        try:
            piece = stream.decompress(folded, PIECE_BYTES)
        except zlib.error as error:
            raise ProblemError(ErrorType.BAD_ENCODING, "the compressed body is damaged") from error
        if piece:
            yield piece
        folded, is_full = stream.unconsumed_tail, len(piece) == PIECE_BYTES
