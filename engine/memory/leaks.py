"""Finds memory that grows with nothing but work and time, by its trend and not by how much there is of it."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look at the process."""

    at: float
    """Seconds on a clock that only rises."""
    rss_bytes: int
    held_bytes: int
    """Of these, what the process knows that it holds, and bounds: its caches."""
    blocks: int
    """Objects that Python holds memory for, more or less."""
    pages: int
    """Settled since the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """What grows."""


class Detector:
    def judge(self, sample: Sample) -> Leak | None:
        return None
