"""How fast something is asked for, over about the last second.

It is right from the second look on: what was asked for is set against the time it took, however short.
"""

from math import exp

MEMORY_S = 1.0
"""After that a look counts for a third of a new one."""


class Demand:
    """Is told at each look how often it was asked altogether, and when that is, in seconds."""

    __slots__ = ("_asked_lately", "_last", "_lately_s")

    def __init__(self) -> None:
        self._last: tuple[int, float] | None = None
        self._asked_lately = 0.0
        self._lately_s = 0.0

    def per_second(self, asked: int, at: float) -> float:
        """As of this look; 0 at the first."""
        asked_before, before = self._last or (asked, at)
        self._last = asked, at
        kept = exp((before - at) / MEMORY_S)
        self._asked_lately = self._asked_lately * kept + asked - asked_before
        self._lately_s = self._lately_s * kept + at - before
        return self._asked_lately / self._lately_s if self._lately_s else 0.0
