"""Waiting lines that come in turn: one from each, and within a line each in the order of coming."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """The line of who was served last goes behind all others."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: dict[str, deque[T]] = {}
        """In the order of their turns; none is empty."""

    def __bool__(self) -> bool:
        return bool(self._lines)

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def add(self, lane: str, item: T) -> None:
        self._lines.setdefault(lane, deque()).append(item)

    def first(self) -> T:
        return next(iter(self._lines.values()))[0]

    def pop(self) -> None:
        """Takes out the first."""
        lane = next(iter(self._lines))
        line = self._lines.pop(lane)
        line.popleft()
        if line:
            self._lines[lane] = line

    def discard(self, lane: str, item: T) -> None:
        """It waits no longer, if it did; the others keep their places."""
        line = self._lines.get(lane)
        if line is not None and item in line:
            line.remove(item)
            if not line:
                del self._lines[lane]
