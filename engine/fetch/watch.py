"""A stop watch for one trip: to which of its stages the time goes.

A turn costs some 0.2 us; a trip over a kept connection makes two.
"""

from collections.abc import Callable
from contextvars import ContextVar

from engine.jobs.stages import DNS, FIRST_BYTE, MEMORY, PERSISTING, TLS, Times, no_times


class Watch:
    """Runs from the start; each moment goes to one stage, that of the latest turn."""

    __slots__ = ("_began", "_clock", "_since", "_stage", "times")

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds."""
        self._clock = clock
        self._began = self._since = clock()
        self._stage = FIRST_BYTE
        self.times: Times = no_times()
        """Up to the latest turn; not to be turned once it is handed over."""

    def turn(self, stage: int) -> None:
        now = self._clock()
        self.times[self._stage] += (now - self._since) * 1e6
        self._since, self._stage = now, stage

    def turn_while_connecting(self, stage: int) -> None:
        """For those who are also called when no connection is being made any more."""
        if DNS <= self._stage <= TLS:
            self.turn(stage)

    @property
    def site_s(self) -> float:
        """Up to the latest turn, without what was our own time."""
        return self._since - self._began - (self.times[PERSISTING] + self.times[MEMORY]) / 1e6

    @property
    def ours_s(self) -> float:
        """What was, up to then."""
        return (self.times[PERSISTING] + self.times[MEMORY]) / 1e6


# aiohttp lets nothing of ours through to where a connection is made, but for the context of who asked for it.
CURRENT: ContextVar[Watch | None] = ContextVar("watch", default=None)
"""The watch of the fetch that is made in this context."""
