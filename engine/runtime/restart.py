"""When a crashed child comes back, and when no more.

Pure: told the crashes, the time and a drawn number, it always answers the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

_MOST_DOUBLINGS = 60  # far beyond any cap, and still a float


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """At most max_restarts in any window; each delay doubles with the crashes that came close upon each other.

    One that crashes calm_s or more after the last crash comes back after the first delay: a wait helps only where a
    successor would crash at once. It is longer than the cap, else the wait itself would pass for calm.
    """

    max_restarts: int
    window_s: float
    backoff_first_s: float
    backoff_cap_s: float
    calm_s: float

    def __post_init__(self) -> None:
        if self.max_restarts < 0 or self.window_s <= 0:
            raise ValueError("max_restarts must not be negative, window_s must be positive")
        if not 0 <= self.backoff_first_s <= self.backoff_cap_s:
            raise ValueError("0 <= backoff_first_s <= backoff_cap_s must hold")
        if self.calm_s <= self.backoff_cap_s:
            raise ValueError("calm_s must be longer than backoff_cap_s")

    def delay(self, crashes: Sequence[float], *, now: float, draw: float) -> float | None:
        """Seconds to wait before the restart, None to give up.

        Crashes are the times of those before this one, in their order; draw is from [0, 1). The delay lies between
        half the step and the whole of it, never above the cap.
        """
        recent = [crash for crash in crashes if now - crash < self.window_s]
        if len(recent) >= self.max_restarts:
            return None
        step = min(self.backoff_cap_s, self.backoff_first_s * 2.0 ** min(self._close(recent, now), _MOST_DOUBLINGS))
        return step / 2 + draw * step / 2

    def _close(self, crashes: Sequence[float], now: float) -> int:
        """How many led up to the one now, each close upon the one before."""
        gaps = (later - earlier for later, earlier in pairwise((now, *reversed(crashes))))
        return sum(1 for _ in takewhile(lambda gap: gap < self.calm_s, gaps))
