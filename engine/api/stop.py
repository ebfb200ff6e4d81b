"""That the service stops, for who waits for a client: a client's silence has no end of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from engine.runtime.deadline import Deadline


class Stop:
    """Comes once, when the server has been told to stop and before it closes connections."""

    def __init__(self) -> None:
        self.has_come = False
        self._cuts: set[Callable[[object], None]] = set()

    async def come(self, _: web.Application) -> None:
        self.has_come = True
        for cut in tuple(self._cuts):
            cut("the service stops")

    @contextmanager
    def cutting(self) -> Iterator[None]:
        """Ends the wait in the block when the service stops: Aborted comes out of it."""
        scope = Deadline(None)
        self._cuts.add(scope.abort)
        try:
            with scope:
                yield
        finally:
            self._cuts.discard(scope.abort)


STOP = web.AppKey("stop", Stop)
