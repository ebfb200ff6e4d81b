"""Counts what an analysis under load found to hold this process back."""

from collections.abc import Iterable

from engine.jobs.bottleneck import Bottleneck
from engine.metrics.catalogue import Catalogue


class BottleneckMetrics:
    def __init__(self, *, catalogue: Catalogue) -> None:
        # A series that begins at zero shows its first finding as an increase.
        self._found = {kind: catalogue.bottlenecks.labels(kind) for kind in Bottleneck}

    def found(self, kinds: Iterable[Bottleneck]) -> None:
        """One that is named twice was found once."""
        for kind in set(kinds):
            self._found[kind].inc()
