"""How long messages wait in a mailbox.

One message at a time carries a stamp, so that all others cost an integer each.
"""

import asyncio

from engine.runtime.events import MailboxWaited
from engine.runtime.observer import Observer


class Probe:
    """Stamps a message, counts those before it down, reports when it leaves, stamps the next to come."""

    __slots__ = ("_ahead", "_name", "_observer", "_since")

    def __init__(self, name: str, observer: Observer) -> None:
        self._name = name
        self._observer = observer
        self._ahead = 0
        self._since = 0.0

    def entered(self, depth: int) -> None:
        if self._ahead == 0:
            self._ahead = depth
            self._since = asyncio.get_running_loop().time()

    def left(self, count: int) -> None:
        if self._ahead == 0:
            return
        self._ahead = max(0, self._ahead - count)
        if self._ahead == 0:
            waited_s = asyncio.get_running_loop().time() - self._since
            self._observer.saw(MailboxWaited(name=self._name, seconds=waited_s))
