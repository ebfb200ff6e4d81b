"""Shows how far a command has come, and says when all is done."""

from collections.abc import Callable
from typing import Protocol

from engine.jobs.ports import JobStore
from engine.jobs.query import Counts
from engine.runtime import Actor, ticks

PERIOD_S = 0.25


class Display(Protocol):
    """Where it is shown."""

    def show(self, counts: Counts, *, is_whole: bool) -> None:
        """`is_whole` once the total will not grow any more."""


class Progress(Actor):
    """Ends when all is submitted and final."""

    def __init__(
        self, *, store: JobStore, display: Display, is_fed: Callable[[], bool], finish: Callable[[], None]
    ) -> None:
        self._store = store
        self._display = display
        self._is_fed = is_fed
        self._finish = finish

    async def run(self) -> None:
        async for _ in ticks(PERIOD_S):
            is_whole = self._is_fed()
            counts = await self._store.counts()
            self._display.show(counts, is_whole=is_whole)
            if is_whole and not any(n for status, n in counts.items() if not status.is_final):
                break
        self._finish()
