"""A pool of fetchers and the site it fetches from, in virtual time: queues, and nothing else.

A fetch waits for the site, then for the one processor of the engine. Slow, down or failing is what a test makes it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random

from engine.runtime.stretch import Figures

PERIOD_S = 0.25
TIMEOUT_S = 30.0


@dataclass(slots=True, kw_only=True)
class Site:
    """May be changed while it is asked."""

    latency_s: float
    holds: float = 1e9
    """More at once make it slower, in proportion."""
    fails: float = 0.0
    hangs: bool = False

    def answer(self, beside: int, random: Random) -> tuple[float, bool]:
        """After how long, and whether in trouble."""
        if self.hangs:
            return TIMEOUT_S, True
        late_s = self.latency_s * max(1.0, beside / self.holds) * random.uniform(0.8, 1.2)
        return min(late_s, TIMEOUT_S), late_s > TIMEOUT_S or random.random() < self.fails


@dataclass(slots=True, kw_only=True)
class Pool:
    """Works at the width it is given: what is inside when it is narrowed ends first."""

    site: Site
    page_s: float
    """Of the processor's time, for each page."""
    random: Random = field(default_factory=lambda: Random(7))
    demand: Callable[[float], int] = lambda _: 1_000_000
    """How many fetches there is work for."""
    noise: float = 0.0
    now: float = 0.0
    busy: int = 0
    ended: int = 0
    _free_at: float = 0.0
    _events: list[tuple[float, float, bool, bool]] = field(default_factory=list)

    def run(self, seconds: float, width: int) -> Figures:
        """One period."""
        until = self.now + seconds
        ended, elapsed_s, troubled = 0, 0.0, 0
        page_s = self.page_s * self.random.uniform(1 - self.noise, 1 + self.noise)
        self._begin(width)
        while self._events and self._events[0][0] <= until:
            self.now, began_at, is_trouble, is_read = heappop(self._events)
            if not is_read:  # the processor serves one after the other
                self._free_at = max(self._free_at, self.now) + page_s
                heappush(self._events, (self._free_at, began_at, is_trouble, True))
                continue
            self.busy -= 1
            ended += 1
            elapsed_s += self.now - began_at
            troubled += is_trouble
            self._begin(width)
        self.now = until
        self.ended += ended
        return Figures(seconds=seconds, ended=ended, elapsed_s=elapsed_s, troubled=troubled, busy=self.busy, lag_s=0.0)

    def _begin(self, width: int) -> None:
        while self.busy < min(width, self.demand(self.now)):
            self.busy += 1
            after_s, is_trouble = self.site.answer(self.busy, self.random)
            heappush(self._events, (self.now + after_s, self.now, is_trouble, False))
