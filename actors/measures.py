"""The sizes and times of one system."""

from dataclasses import dataclass
from random import Random

from engine.jobs.pace import EAGER, Pace
from engine.runtime import Governing, RestartPolicy

RESTARTS = RestartPolicy(max_restarts=10, window_s=60.0, backoff_first_s=0.05, backoff_cap_s=5.0, calm_s=7.5)
"""More crashes of one actor than that in a minute end the process with exit code 1: what starts it knows better. Of
fetchers together, they have all fetchers start anew, which counts as one crash. One that crashes now and then is back
at once.
"""
LEAST, START = 4, 64
"""Fetches at once in the worst trouble, and before anything is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The sizes and times of one system."""

    concurrency: int
    """Fetches at once, at most; governed below that."""
    least: int = LEAST
    """And at least, whatever the trouble, unless that is more than at most."""
    lease_s: float
    grace_s: float
    """What a stop leaves to fetches in hand."""
    random: Random
    """For the jitter of restarts."""
    pace: Pace = EAGER
    persisters: int = 1
    """Transactions of them at once."""

    def governing(self) -> Governing:
        """Of how many fetch at once."""
        least = min(self.least, self.concurrency)
        start = min(max(START, least), self.concurrency)
        return Governing(least=least, start=start, ceiling=self.concurrency)
