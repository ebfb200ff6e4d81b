"""Where the next lanes stand in the order of turns, as one process knows it: how far claims came, and what lies before.

What lies before the first lane in the index was passed, and is dead, but cannot be removed while somebody's transaction
is old. A lane that becomes claimable gets a turn behind the first one of that moment, or where there is none one of the
server's time, so none appears further back than its transaction was late. One that does is found by a look from the
very beginning, which is taken now and then, seldom where it costs much.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from engine.storage.places import PER_SECOND, Places

LATE_S = 0.25
"""How long ago a lane may have got its turn that is looked for."""
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
        self.places = Places()
        self._monotonic = monotonic
        self._before = self._latest = -inf
        self._since = -inf
        self._whole_at = -inf

    @property
    def begins_at(self) -> float:
        """The first turn there was LATE_S ago, or somewhat earlier."""
        return min(self._before, self._latest)

    def look(self) -> Look:
        now = self._monotonic()
        return Look(begins_at=-inf if now >= self._whole_at else self.begins_at, asked_at=now)

    def met(self, look: Look, first: float | None, now: float) -> None:
        """As `saw`, by that look. Where nothing waits, claims came as far as the time."""
        if first is None:
            self.places.reach(now * PER_SECOND)
        self.saw(first, now)
        if look.begins_at == -inf:
            answered_at = self._monotonic()
            self._whole_at = answered_at + max(WHOLE_S, REST * (answered_at - look.asked_at))

    def saw(self, first: float | None, now: float) -> None:
        """`first` is the earliest turn of a lane or a batch, None if nothing waits; `now` is the server's time."""
        turn = min((now - LATE_S) * PER_SECOND, inf if first is None else first)
        moment = self._monotonic()
        if moment >= self._since + LATE_S:
            self._before, self._latest, self._since = self._latest, turn, moment
        else:
            self._latest = min(self._latest, turn)
