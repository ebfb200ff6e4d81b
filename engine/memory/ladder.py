"""How far what is done against a shortage of memory goes, as a ladder: rung by rung up, and rung by rung down.

Pure: it is told the time, the part of the limit that is used and how hard memory is to get, and says on which rung to
stand. It goes down slower than up and only some way below where it came up, so that noise moves nothing; and no rung
that holds work back is stood on for good: what brings no relief for long is followed by the next.
"""

from dataclasses import dataclass

RUNGS = ("shrink_caches", "stop_admitting", "cut_concurrency", "pause_claiming", "start_again")
"""From the lowest to the top; each keeps what those below it do."""
STOP_ADMITTING, PAUSE_CLAIMING, START_AGAIN = 2, 4, 5

HYSTERESIS = 0.05
"""Of the limit: how far below where a rung is entered it is left."""
STALLED_PERCENT, AT_EASE_PERCENT = 10.0, 5.0
"""Of the time. Stalled for so much, memory is short whatever is used; for less than that, it is not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """For how long a rung is stood on before the next."""

    up_s: float = 1.0
    down_s: float = 5.0
    without_relief_s: float = 120.0
    """On a rung that holds work back, while it may not be left: then it has not helped."""
    top_s: float = 30.0
    """On the last but one, over the top's own height: what is in hand may still end meanwhile."""


UNHURRIED = Times()


def heights(high: float, critical: float) -> tuple[float, ...]:
    """Where each rung is entered: the first at `high`, the last but one at `critical`, the top half way to the end."""
    steps = PAUSE_CLAIMING - 1
    between = (high + (critical - high) * step / steps for step in range(steps))
    return (*between, critical, (critical + 1) / 2)


class Ladder:
    """`rung` is the one stood on; 0 is the ground."""

    def __init__(self, *, heights: tuple[float, ...], times: Times = UNHURRIED) -> None:
        self.heights = heights
        self._times = times
        self._moved_at = -max(times.up_s, times.down_s)
        self._floors: list[float] = []
        self._is_stalled = False

    @property
    def rung(self) -> int:
        return len(self._floors)

    @property
    def floors(self) -> tuple[float, ...]:
        """Below which each rung stood on is left."""
        return tuple(self._floors)

    def step(self, now: float, used: float, stalled_percent: float | None = None) -> int:
        """`used` is a part of the limit, `now` in seconds. Returns the rung to stand on from now on."""
        self._is_stalled = (stalled_percent or 0.0) >= (AT_EASE_PERCENT if self._is_stalled else STALLED_PERCENT)
        stood_s, before = now - self._moved_at, self.rung
        if used >= self.heights[PAUSE_CLAIMING - 1]:
            self._climb(PAUSE_CLAIMING, used)
        elif self._called_for(used) > before and stood_s >= self._times.up_s:
            self._climb(before + 1, used)
        if self.rung == before:
            self._move_when_it_is_time(used, stood_s)
        if self.rung != before:
            self._moved_at = now
        return self.rung

    def _move_when_it_is_time(self, used: float, stood_s: float) -> None:
        if self._has_not_helped(used, stood_s):
            self._climb(self.rung + 1, used)
        elif self.rung > self._held(used) and stood_s >= self._times.down_s:
            self._floors.pop()

    def _called_for(self, used: float) -> int:
        """By what is used; one more if memory is hard to get. The top is not called for: it is what is left to do."""
        reached = sum(used >= height for height in self.heights[:PAUSE_CLAIMING])
        return min(reached + self._is_stalled, PAUSE_CLAIMING)

    def _has_not_helped(self, used: float, stood_s: float) -> bool:
        if not STOP_ADMITTING <= self.rung < START_AGAIN or used < self._floors[-1]:
            return False
        is_near_the_end = self.rung == PAUSE_CLAIMING and used >= self.heights[-1]
        return stood_s >= (self._times.top_s if is_near_the_end else self._times.without_relief_s)

    def _held(self, used: float) -> int:
        """How far down it may go."""
        held = max((rung for rung, floor in enumerate(self._floors, 1) if used >= floor), default=0)
        return max(held, min(held + self._is_stalled, PAUSE_CLAIMING))

    def _climb(self, rung: int, used: float) -> None:
        while self.rung < rung:
            self._floors.append(self._floor(self.heights[self.rung], used))

    def _floor(self, height: float, used: float) -> float:
        """Of a rung that is not reached by its own height: until memory is at ease again, or as the one below it."""
        if used >= height:
            return height - HYSTERESIS
        return height if self._is_stalled else self._floors[-1]
