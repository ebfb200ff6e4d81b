"""How long all who share a store would take for what they could fetch now.

The rate is what they settle, or could if there were enough to do: a pause makes nobody slower.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

STALE_S = 45.0
"""A process of which nothing was heard for so long counts no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """How fast one process settles, as it tells itself."""

    owner: str
    slots: int
    """Fetches it may make at once now."""
    per_second: float
    """Attempts settled, over the last minute."""
    per_slot: float | None
    """Attempts a second of a slot that is busy, as it last was; None before the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """`eligible` jobs are due, their lane is not blocked, and their batch has room for them; those in hand are none."""

    eligible: int
    per_second: float | None
    """None before any rate was known."""

    @property
    def seconds(self) -> float | None:
        """None before a rate was known; infinite when nobody works."""
        if not self.eligible:
            return 0.0
        if self.per_second is None:
            return None
        return self.eligible / self.per_second if self.per_second else inf


def rate_of(workers: Sequence[Worker], *, last_per_slot: float | None) -> float | None:
    """Attempts a second of all together: those settled, but never less than all slots at their last rate.

    By Little's law that is what they settle when all are busy. A worker without a rate of its own is taken for the mean
    of the others, and where none has one for `last_per_slot`, of somebody who is gone.
    """
    known = [(worker.slots, worker.per_slot) for worker in workers if worker.per_slot is not None]
    slots = sum(count for count, _ in known)
    mean = sum(count * rate for count, rate in known) / slots if slots else last_per_slot
    if mean is None:
        return sum(worker.per_second for worker in workers) or None
    able = sum(worker.slots * (mean if worker.per_slot is None else worker.per_slot) for worker in workers)
    return max(able, sum(worker.per_second for worker in workers))
