"""Counts what the kernel shows: restarts, and how long messages wait. It returns at once and never raises."""

from prometheus_client import Histogram

from engine.metrics.catalogue import Catalogue
from engine.runtime.events import ActorRestarting, ActorStarted, Event, MailboxWaited


class MetricsObserver:
    """Actors and mailboxes keep their names over restarts, so that there are no more labels than names."""

    def __init__(self, *, catalogue: Catalogue) -> None:
        self._restarts = catalogue.actor_restarts
        self._waits = catalogue.mailbox_wait
        self._waits_by_name: dict[str, Histogram] = {}

    def saw(self, event: Event) -> None:
        match event:
            case MailboxWaited(name=name, seconds=seconds):
                self._wait(name).observe(seconds)
            case ActorRestarting(name=name):
                self._restarts.labels(name).inc()
            case ActorStarted(name=name):
                # A series that begins at zero shows its first restart as an increase.
                self._restarts.labels(name)
            case _:
                pass

    def _wait(self, name: str) -> Histogram:
        wait = self._waits_by_name.get(name)
        if wait is None:
            wait = self._waits_by_name[name] = self._waits.labels(name)
        return wait
