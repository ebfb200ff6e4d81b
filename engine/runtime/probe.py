"""How long messages wait in a mailbox.

One message at a time carries a stamp, so that all others cost a comparison each.
"""

import asyncio

from engine.runtime.events import MailboxWaited
from engine.runtime.observer import Observer


class Probe:
    """Stamps a message, reports when it has left, stamps the next to come."""

    __slots__ = ("_name", "_observer", "_since", "due")

    def __init__(self, name: str, observer: Observer) -> None:
        self._name = name
        self._observer = observer
        self._since = 0.0
        self.due = 0
        """How many messages have left when the stamped one has; 0 while none is stamped."""

    def stamp(self, due: int) -> None:
        self.due = due
        self._since = asyncio.get_running_loop().time()

    def report(self) -> None:
        self.due = 0
        waited_s = asyncio.get_running_loop().time() - self._since
        self._observer.saw(MailboxWaited(name=self._name, seconds=waited_s))
