"""A text decoded piece by piece: the same characters as if it had come whole, wherever it was cut."""

from codecs import getincrementaldecoder

LONGEST_ESCAPE = 16
"""Bytes of an escape sequence of ISO-2022 at most. Its decoder keeps 8 of an unfinished one, and fails for more."""
HELD_BACK = {"iso2022_jp": b"\x1b"}
"""What such a sequence begins with."""


class Decoding:
    """Of one body. It never raises: what is no character, U+0000 among it, becomes U+FFFD, as in browsers."""

    def __init__(self, charset: str) -> None:
        """`charset` as it was found for the body: what begins with a byte order mark."""
        self._decoder = getincrementaldecoder(charset)("replace")
        self._escape = HELD_BACK.get(charset)
        self._held = b""

    def __call__(self, piece: bytes, *, is_last: bool) -> str:
        whole = self._held + piece if self._held else piece
        ready = len(whole) if is_last else self._ready(whole)
        self._held = whole[ready:]
        return self._decoder.decode(whole[:ready], is_last).replace("\0", "\ufffd")

    def _ready(self, piece: bytes) -> int:
        """As far as no escape sequence can be unfinished."""
        at = -1 if self._escape is None else piece.rfind(self._escape, max(len(piece) - LONGEST_ESCAPE, 0))
        return len(piece) if at < 0 else at
