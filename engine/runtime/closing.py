"""The end of a service, for those who wait in it for something that may take long."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.runtime.deadline import Deadline
from engine.runtime.errors import Aborted


class Closing:
    """Waits in its blocks end when it begins, and do not begin after that; it may be announced before."""

    def __init__(self) -> None:
        self.is_announced = False
        self.has_begun = False
        self._waits: set[Deadline] = set()

    def announce(self) -> None:
        """Nothing ends yet, but who asks is to ask elsewhere from now on."""
        self.is_announced = True

    def begin(self) -> None:
        self.is_announced = self.has_begun = True
        for wait in self._waits:
            wait.abort("the service is stopping")

    @contextmanager
    def cuts(self) -> Iterator[None]:
        """Raises Aborted at the first wait of the block that is under way when the service stops."""
        if self.has_begun:
            raise Aborted("the service is stopping")
        with Deadline(None) as wait:
            self._waits.add(wait)
            try:
                yield
            finally:
                self._waits.discard(wait)
