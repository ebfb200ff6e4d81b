"""All that wants to see what happens in a system."""

from typing import Any, Protocol

from actors.governor import Gauge
from actors.meter import Dials
from actors.persister import Witness
from engine.runtime import Mailbox


class Instruments(Witness, Dials, Gauge, Protocol):
    """Told of settled batches, of mailboxes, of the meter's measurements and of the kernel's events."""

    def watch_mailbox(self, mailbox: Mailbox[Any]) -> None:
        """From now on its depth is seen."""
