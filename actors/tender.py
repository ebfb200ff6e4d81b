"""Looks after a level of the cache that others share."""

from typing import Protocol

from engine.runtime import Actor, ticks

PERIOD_S = 0.1


class Tended(Protocol):
    async def tend(self) -> None:
        """Shows how it stands, and finds out whether it is back if it was out of order."""


class Tender(Actor):
    """The only one who asks a level that is out of order."""

    def __init__(self, *, level: Tended) -> None:
        self._level = level

    async def run(self) -> None:
        await self._level.tend()
        async for _ in ticks(PERIOD_S):
            await self._level.tend()
