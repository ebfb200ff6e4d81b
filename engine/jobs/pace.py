"""How often a store is asked by who has nothing to tell it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """After how many of its actor's periods each act comes around; what is known to be due is promoted at once."""

    promote: int = 1
    rescue: int = 1
    tidy: int = 1
    figures: int = 1
    idle_s: float = 1.0
    """For how long nobody looks for work of which nobody told."""


EAGER = Pace()
"""For a store that costs nothing to ask."""
