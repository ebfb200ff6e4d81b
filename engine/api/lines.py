"""Pieces of a stream as lines, in constant memory: a line that is too long is said to be and passed over to its end."""

from collections.abc import Iterator


class Lines:
    """A line ends with LF; CR before it, and other space around, is not of the line."""

    def __init__(self, *, longest: int) -> None:
        self._longest = longest
        self._begun = bytearray()
        self._is_too_long = False

    def of(self, piece: bytes) -> Iterator[bytes | None]:
        """The lines that end in this piece; None for one that is too long."""
        *ended, begun = piece.split(b"\n")
        for each in ended:
            self._go_on(each)
            yield self._end()
        self._go_on(begun)

    def last(self) -> bytes | None:
        """What came after the last LF, empty if nothing did."""
        return self._end()

    def _go_on(self, part: bytes) -> None:
        if len(self._begun) + len(part) > self._longest:
            self._is_too_long = True
            self._begun.clear()
        elif not self._is_too_long:
            self._begun += part

    def _end(self) -> bytes | None:
        line = None if self._is_too_long else bytes(self._begun).strip()
        self._begun.clear()
        self._is_too_long = False
        return line
