"""The last that can be done: to end, for a new process to begin with nothing. Not more often than helps."""

from collections.abc import Callable

from engine.memory.restarts import Restarts


class Again:
    """Tries at each look; once it has begun it is under way."""

    def __init__(self, *, restart: Callable[[], None], restarts: Restarts) -> None:
        self._restart = restart
        self._restarts = restarts
        self._has_begun = False

    def attempt(self) -> None:
        if not self._has_begun and self._restarts.take():
            self._has_begun = True
            self._restart()
