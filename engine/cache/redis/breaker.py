"""Whether a server is asked at all. Pure: told the time and a drawn number, it always answers the same.

After a failure nobody asks but one prober, after pauses that double while probes fail. Who was proved well and fails
again soon is taken up where it was, so that a server that answers probes and nothing else is not asked more and more.
"""

from dataclasses import dataclass, replace
from typing import Self

FIRST_S = 0.5
CAP_S = 8.0
CALM_S = 30.0
"""Well for so long, a failure is a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """Open until the first probe: nobody asks a server that was never seen well. Times are of one monotonic clock."""

    is_closed: bool = False
    probe_at: float = float("-inf")
    step_s: float = 0.0
    closed_at: float = float("-inf")

    def is_due(self, now: float) -> bool:
        """Is a probe to be made?"""
        return not self.is_closed and now >= self.probe_at

    def failed(self, now: float, draw: float) -> Self:
        """A call failed; draw is from [0, 1). Those that were on their way with it tell nothing new."""
        if not self.is_closed:
            return self
        return self._open(now, draw, after_s=0.0 if now - self.closed_at >= CALM_S else self.step_s)

    def probed(self, now: float, draw: float, *, is_well: bool) -> Self:
        if is_well:
            return replace(self, is_closed=True, closed_at=now)
        return self._open(now, draw, after_s=self.step_s)

    def _open(self, now: float, draw: float, *, after_s: float) -> Self:
        """The pause is between half the step and the whole of it."""
        step_s = min(CAP_S, max(FIRST_S, 2 * after_s))
        return replace(self, is_closed=False, step_s=step_s, probe_at=now + step_s / 2 + draw * step_s / 2)
