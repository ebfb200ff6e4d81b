"""Measures what is too dear to measure at each scrape: lag and memory each second; the queue as it is paced."""

from contextlib import suppress
from typing import Protocol

from engine.errors import StoreError
from engine.jobs.backlog import Backlog, Worker
from engine.jobs.pace import EAGER, Pace
from engine.jobs.ports import JobStore
from engine.jobs.query import QueueFigures
from engine.runtime import Actor, Deadline, DeadlineExpired, lag_s, ticks

PERIOD_S = 1.0
FIGURES_WITHIN_S = 2.0
"""A store that hangs is not to hide how the process stands."""


class Dials(Protocol):
    """Where the measurements are shown."""

    def show_queue(self, figures: QueueFigures) -> None: ...
    def show_backlog(self, backlog: Backlog) -> None: ...
    def worker(self, owner: str) -> Worker | None: ...
    def show_lag(self, seconds: float) -> None: ...
    def show_process(self) -> None: ...


class Meter(Actor):
    """The only one who asks the store for figures; everybody else reads its dials.

    While the store has none to give, those of the process itself are shown.
    """

    def __init__(self, *, store: JobStore, owner: str, dials: Dials, pace: Pace = EAGER) -> None:
        """`owner` is the name by which this process is known to those who share the store."""
        self._store = store
        self._owner = owner
        self._dials = dials
        self._pace = pace

    async def run(self) -> None:
        period = 0
        async for _ in ticks(PERIOD_S):
            self._dials.show_lag(await lag_s())
            self._dials.show_process()
            if period % self._pace.figures == 0:
                await self._show_queue()
            period += 1

    async def _show_queue(self) -> None:
        with suppress(StoreError, DeadlineExpired), Deadline(FIGURES_WITHIN_S):
            self._dials.show_queue(await self._store.queue())
            self._dials.show_backlog(await self._store.backlog(self._dials.worker(self._owner)))
