"""Where the next lanes stand in the order of turns: what lies before them in the index was passed, and is dead, but
cannot be removed while somebody's transaction is old.

A lane that becomes claimable gets a turn of that moment, so none appears further back than its transaction was late.
One that does is found by a look from the very beginning, which is taken now and then, seldom where it costs much.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

LATE_S = 1.0
"""How far behind the server's time lanes are still looked for."""
WHOLE_S = 1.0
REST = 20.0
"""After a look from the very beginning there is none for WHOLE_S, nor for so many times what it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One for the next lanes."""

    begins_at: float
    """No lane of an earlier turn is looked for."""
    asked_at: float


class Front:
    """What one process knows of it; other processes move it on as well."""

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._turn = -inf
        self._whole_at = -inf

    def look(self) -> Look:
        now = self._monotonic()
        return Look(begins_at=-inf if now >= self._whole_at else self._turn, asked_at=now)

    def met(self, look: Look, first: float | None, now: float) -> None:
        """`first` is the earliest turn there was, None if there was no lane; `now` is the server's time."""
        self._turn = now - LATE_S if first is None else min(first, now - LATE_S)
        if look.begins_at == -inf:
            answered_at = self._monotonic()
            self._whole_at = answered_at + max(WHOLE_S, REST * (answered_at - look.asked_at))
