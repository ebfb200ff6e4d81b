"""Hears what other processes dropped from the cache, and has it dropped here.

While it hears nothing, all that could be stale is dropped some times a second.
"""

from collections.abc import Sequence
from typing import Protocol

from engine.runtime import Actor, ticks

AGAIN_S = 0.25


class Hearer(Protocol):
    """Whose entries may become stale; must not raise."""

    def dropped(self, keys: Sequence[str]) -> None: ...
    def lost(self) -> None:
        """Anything may have been dropped and not been heard."""


class News(Protocol):
    async def follow(self, hearer: Hearer) -> None:
        """Tells of all until the connection is lost; of the loss itself, and of what came before, as lost."""


class Subscriber(Actor):
    """Subscribes again and again."""

    def __init__(self, *, news: News, hearer: Hearer) -> None:
        self._news = news
        self._hearer = hearer

    async def run(self) -> None:
        await self._news.follow(self._hearer)
        async for _ in ticks(AGAIN_S):
            await self._news.follow(self._hearer)
