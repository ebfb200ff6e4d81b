"""The process starts again in place: the same id, the same listening socket, new memory.

Nobody is refused meanwhile: who connects waits at the socket until it is accepted again.
"""

import os
import socket
import sys
from collections.abc import Mapping
from typing import NoReturn

SOCKET = "CFSCRAPER_INHERITED_SOCKET"
"""What the next life is told by this one, and nobody else."""


class Rebirth:
    """Begins when all has ended in good order."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def inherited(self) -> socket.socket | None:
        """What an earlier life listened on; None in the first."""
        number = self._environment.get(SOCKET)
        return None if number is None else socket.socket(fileno=int(number))

    def begin(self, listening: socket.socket) -> NoReturn:
        """Replaces this process by its next life. Raises OSError if that cannot be."""
        os.set_inheritable(listening.fileno(), True)
        told = {SOCKET: str(listening.fileno())}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**self._environment, **told})  # noqa: S606 - itself
