"""What came of a pool's work: period by period, and in a stretch of periods."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Self

MOST = 512
"""Periods that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One period. What ended in it took `elapsed_s` altogether, by the watch of who did it."""

    seconds: float
    ended: int
    elapsed_s: float
    troubled: int
    """Of what ended, that which ended as with a peer that has too much to do, or is down."""
    busy: int
    """How many were at work at its end."""
    lag_s: float
    """How late the loop came back at its end."""
    is_held_up: bool = False
    """What ended could not be handed on: the peer is not to blame for what did not end."""
    is_shut: bool = False
    """For some of it none was let begin, however wide the pool is: only what failed speaks of the width."""


class Stretch:
    """Some periods together."""

    __slots__ = ("_busy_s", "_elapsed_s", "_troubled", "ended", "seconds", "was_shut")

    def __init__(self) -> None:
        self.seconds = 0.0
        self.ended = 0
        self.was_shut = False
        self._elapsed_s = 0.0
        self._troubled = 0
        self._busy_s = 0.0

    @classmethod
    def of(cls, periods: Iterable[Figures]) -> Self:
        stretch = cls()
        for figures in periods:
            stretch.add(figures)
        return stretch

    def add(self, figures: Figures) -> None:
        self.seconds += figures.seconds
        self.ended += figures.ended
        self.was_shut = self.was_shut or figures.is_shut
        self._elapsed_s += figures.elapsed_s
        self._troubled += figures.troubled
        self._busy_s += figures.busy * figures.seconds

    @property
    def rate(self) -> float:
        """Ends a second."""
        return self.ended / self.seconds if self.seconds else 0.0

    @property
    def busy(self) -> float:
        """How many were at work, in the mean."""
        return self._busy_s / self.seconds if self.seconds else 0.0

    @property
    def takes_s(self) -> float:
        """What one takes by Little's law, our own waits included; known before it ends. Infinite when none ended."""
        return self._busy_s / self.ended if self.ended else inf

    @property
    def elapsed_s(self) -> float:
        """What one took that has ended, in the mean; infinite when none has."""
        return self._elapsed_s / self.ended if self.ended else inf

    @property
    def trouble(self) -> float:
        """The part of what ended that ended in trouble."""
        return self._troubled / self.ended if self.ended else 0.0


class Recent:
    """The latest periods, and no more of them than are asked for; MOST at most."""

    __slots__ = ("_ended", "_periods", "_seconds")

    def __init__(self) -> None:
        self._periods: deque[Figures] = deque()
        self._seconds = 0.0
        self._ended = 0

    def __iter__(self) -> Iterator[Figures]:
        return iter(self._periods)

    def add(self, figures: Figures, *, keep_s: float, keep_ends: int = 0) -> None:
        """Let go of the oldest while as many seconds and ends are left."""
        self._periods.append(figures)
        self._seconds += figures.seconds
        self._ended += figures.ended
        while self._has_more_than(keep_s, keep_ends) or len(self._periods) > MOST:
            oldest = self._periods.popleft()
            self._seconds -= oldest.seconds
            self._ended -= oldest.ended

    def clear(self) -> None:
        self._periods.clear()
        self._seconds = 0.0
        self._ended = 0

    def _has_more_than(self, seconds: float, ends: int) -> bool:
        oldest = self._periods[0]
        return self._seconds - oldest.seconds >= seconds and self._ended - oldest.ended >= ends
