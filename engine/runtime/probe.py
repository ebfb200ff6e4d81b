"""How long messages wait in a mailbox.

One message at a time carries a stamp, so that all others cost an integer each.
"""

import asyncio

from engine.runtime.events import MailboxWaited
from engine.runtime.observer import Observer


class Probe:
    """Stamps a message, counts those before it down, reports when it leaves, stamps the next to come."""

    __slots__ = ("_name", "_observer", "_since", "ahead")

    def __init__(self, name: str, observer: Observer) -> None:
        self._name = name
        self._observer = observer
        self._since = 0.0
        self.ahead = 0
        """Messages up to the stamped one, itself among them; 0 while the next to come in is to be stamped."""

    def entered(self, depth: int) -> None:
        """To be told of the next to come in, where it is to be stamped."""
        self.ahead = depth
        self._since = asyncio.get_running_loop().time()

    def left(self, count: int) -> None:
        if self.ahead == 0:
            return
        self.ahead = max(0, self.ahead - count)
        if self.ahead == 0:
            waited_s = asyncio.get_running_loop().time() - self._since
            self._observer.saw(MailboxWaited(name=self._name, seconds=waited_s))
