"""The watch over memory that leaks: what it looks at, and whom it tells."""

import sys
from collections.abc import Callable
from time import monotonic

from structlog.typing import FilteringBoundLogger

from actors.auditor import Auditor
from engine.memory.leaks import Detector, Leak, Sample
from engine.metrics.catalogue import Catalogue
from engine.metrics.dials import Dials
from engine.metrics.headway import Headway
from engine.runtime import Child


class Sampler:
    """Takes samples of this process. RSS is as old as the dials: a second at most."""

    def __init__(self, *, dials: Dials, headway: Headway, held_bytes: Callable[[], int]) -> None:
        self._dials = dials
        self._headway = headway
        self._held_bytes = held_bytes

    def __call__(self) -> Sample | None:
        vitals = self._dials.vitals
        if vitals is None:
            return None
        return Sample(
            at=monotonic(),
            rss_bytes=vitals.rss_bytes,
            held_bytes=self._held_bytes(),
            blocks=sys.getallocatedblocks(),
            pages=self._headway.total,
        )


class Alarm:
    """Counts leaks and writes each to the log."""

    def __init__(self, *, catalogue: Catalogue, log: FilteringBoundLogger) -> None:
        self._found = catalogue.memory_leaks
        self._log = log

    def __call__(self, leak: Leak) -> None:
        self._found.inc()
        self._log.warning("memory.leaks", **leak.report())


def auditing(*, sample: Sampler, alarm: Alarm) -> Child[Auditor]:
    detector = Detector()
    return Child(name="auditor", build=lambda: Auditor(sample=sample, detector=detector, tell=alarm))
