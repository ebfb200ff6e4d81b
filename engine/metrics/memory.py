"""Shows how memory stands and counts what is done about it."""

from collections.abc import Callable, Sequence

from engine.metrics.catalogue import Catalogue

UNDONE = "undo_"


class MemoryMetrics:
    """`actions` are the names of all steps: a series that begins at zero shows its first step as an increase.

    `allocated` is asked in each scrape; None where nobody tells.
    """

    def __init__(
        self, *, catalogue: Catalogue, actions: Sequence[str], allocated: Callable[[], int] | None = None
    ) -> None:
        if allocated is not None:
            catalogue.memory_usage.labels("allocated").set_function(allocated)
        self._limit = catalogue.memory_usage.labels("limit")
        self._available = catalogue.memory_usage.labels("available")
        self._credits = catalogue.memory_usage.labels("credits")
        self._level = catalogue.memory_level
        self._actions = catalogue.memory_actions
        for name in actions:
            self._actions.labels(name)

    def stands(self, *, used_bytes: int, limit_bytes: int, credits_bytes: int, level: int) -> None:
        self._limit.set(limit_bytes)
        self._credits.set(credits_bytes)
        self._available.set(max(limit_bytes - used_bytes, 0))
        self._level.set(level)

    def did(self, name: str, *, is_undone: bool) -> None:
        self._actions.labels(UNDONE + name if is_undone else name).inc()
