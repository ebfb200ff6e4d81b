"""The process starts again in place: the same id, the same listening socket, new memory.

Nobody is refused meanwhile: who connects waits at the socket until it is accepted again.
"""

import os
import socket
import sys
from collections.abc import Callable, Mapping
from time import monotonic
from typing import NoReturn

MOST = 3
WINDOW_S = 3600.0
"""So often in so long a time at most: what fills up again at once is not mended by starting again."""
SOCKET, TIMES = "CFSCRAPER_INHERITED_SOCKET", "CFSCRAPER_STARTED_AGAIN_AT"
"""What the next life is told by this one, and nobody else."""


class Rebirth:
    """Begins when all has ended in good order."""

    def __init__(self, environment: Mapping[str, str], *, now: Callable[[], float] = monotonic) -> None:
        """`now` gives seconds that only rise, over the lives of one process."""
        self._environment = environment
        self._now = now
        self._times = [float(each) for each in environment.get(TIMES, "").split()]

    def inherited(self) -> socket.socket | None:
        """What an earlier life listened on; None in the first."""
        number = self._environment.get(SOCKET)
        return None if number is None else socket.socket(fileno=int(number))

    @property
    def may_begin(self) -> bool:
        return len(self._recent()) < MOST

    def begin(self, listening: socket.socket) -> NoReturn:
        """Replaces this process by its next life. Raises OSError if that cannot be."""
        os.set_inheritable(listening.fileno(), True)
        told = {SOCKET: str(listening.fileno()), TIMES: " ".join(map(str, [*self._recent(), self._now()]))}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**self._environment, **told})  # noqa: S606 - itself

    def _recent(self) -> list[float]:
        return [each for each in self._times if self._now() - each < WINDOW_S]
