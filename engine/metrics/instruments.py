"""All that a system shows itself to, in one place: settled pages, the meter's dials, the kernel's events.

It only passes on; what is told here is counted elsewhere.
"""

from collections.abc import Sequence
from typing import Protocol

from engine.jobs.query import Settled
from engine.jobs.verdict import Settlement
from engine.metrics.dials import Dials
from engine.metrics.pages import PageMetrics
from engine.runtime.events import Event
from engine.runtime.observer import Observer


class Witness(Protocol):
    """Is told of each batch that was settled; may make it wait, must not raise."""

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None: ...


class Instruments:
    """`observers` are told of every event and `witnesses` of every batch, in order."""

    def __init__(
        self,
        *,
        pages: PageMetrics,
        dials: Dials,
        observers: Sequence[Observer],
        witnesses: Sequence[Witness] = (),
    ) -> None:
        self._pages = pages
        self._witnesses = tuple(witnesses)
        self._observers = tuple(observers)
        self.show_queue = dials.show_queue
        self.show_backlog = dials.show_backlog
        self.worker = dials.worker
        self.watch_mailbox = dials.watch_mailbox
        self.show_lag = dials.show_lag
        self.show_width = dials.show_width
        self.show_process = dials.show_process

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:
        self._pages.settled(settlements, ends)
        for witness in self._witnesses:
            await witness.settled(settlements, ends)

    def saw(self, event: Event) -> None:
        for observer in self._observers:
            observer.saw(event)
