"""All that wants to see what happens in a system."""

from typing import Protocol

from actors.governor import Gauge
from actors.meter import Dials
from actors.persister import Witness


class Instruments(Witness, Dials, Gauge, Protocol):
    """Told of settled batches, of the meter's measurements and of the kernel's events."""

    def rate(self) -> float:
        """Jobs settled a second."""
