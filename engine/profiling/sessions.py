"""There is one look into the process at a time: two would measure each other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from engine.errors import ProfileUnderWayError, SnapshotUnderWayError


class Kind(StrEnum):
    """What is looked at."""

    CPU = "cpu"
    TASKS = "tasks"
    MEMORY = "memory"


class Sessions:
    """`show` is told how many run, whenever that changes."""

    def __init__(self, *, show: Callable[[int], None]) -> None:
        self._show = show
        self._running: Kind | None = None

    @contextmanager
    def one(self, kind: Kind) -> Iterator[None]:
        """Raises SnapshotUnderWayError or ProfileUnderWayError, by what runs already."""
        if self._running is not None:
            raise SnapshotUnderWayError if self._running is Kind.MEMORY else ProfileUnderWayError
        self._running = kind
        self._show(1)
        try:
            yield
        finally:
            self._running = None
            self._show(0)
