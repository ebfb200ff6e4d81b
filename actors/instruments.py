"""All that wants to see what happens in a system."""

from typing import Protocol

from actors.meter import Dials
from actors.persister import Witness
from engine.runtime import Observer


class Instruments(Witness, Dials, Observer, Protocol):
    """Told of settled batches, of the meter's measurements and of the kernel's events."""

    def rate(self) -> float:
        """Jobs settled a second."""
