"""Waiting lines that come in turn: one from each, and within a line each in the order of coming."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """The line of who was served last goes behind all others."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines: dict[str, deque[T]] = {}
        """In the order of their turns; none is empty. For others to read only."""

    def __len__(self) -> int:
        return sum(map(len, self.lines.values()))

    def add(self, lane: str, item: T) -> None:
        self.lines.setdefault(lane, deque()).append(item)

    def first(self) -> T:
        return next(iter(self.lines.values()))[0]

    def pop(self) -> None:
        """Takes out the first."""
        lane = next(iter(self.lines))
        line = self.lines.pop(lane)
        line.popleft()
        if line:
            self.lines[lane] = line

    def discard(self, lane: str, item: T) -> None:
        """It waits no longer, if it did; the others keep their places."""
        line = self.lines.get(lane)
        if line is not None and item in line:
            line.remove(item)
            if not line:
                del self.lines[lane]
