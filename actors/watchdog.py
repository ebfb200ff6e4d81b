"""Watches over memory."""

from typing import Protocol

from engine.runtime import Actor, Pressure, ticks

PERIOD_S = 0.5


class Watched(Protocol):
    async def look(self) -> None:
        """Finds out how memory stands, and does what is to be done about it."""


class Guard(Watched, Protocol):
    """Holds back by `pressure` who would need more."""

    @property
    def pressure(self) -> Pressure: ...


class Watchdog(Actor):
    """Has memory looked at twice a second: at full load hundreds of megabytes come in a few seconds."""

    def __init__(self, *, watch: Watched) -> None:
        self._watch = watch

    async def run(self) -> None:
        await self._watch.look()
        async for _ in ticks(PERIOD_S):
            await self._watch.look()
