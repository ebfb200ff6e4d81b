"""The right to fetch one job and to settle it once, for a time."""

from dataclasses import dataclass, field

from engine.jobs.losses import SUSPECT_AFTER
from engine.jobs.request import Request
from engine.jobs.stages import Spent

Counted = tuple[str, int, str]
"""What a job counts in: its lane, the day of its creation, its scraper type. None of them ever changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """What travels from the claim to the settle. Settling counts only with the fence of the job's latest claim."""

    job_id: str
    fence: int
    """The fencing token: grows with each claim of the job."""
    until: float
    """When the claim's lease ends if nobody renews it, in the store's time (epoch seconds)."""
    request: Request
    attempts: int
    """Outcomes so far, this fetch not counted."""
    losses: int
    """Fetches since the last outcome that ended with the death of who made them."""
    ran_s: float
    """Running time of the attempts so far."""
    claimed_at: float = 0.0
    """In the store's time."""
    delay_us: int = 0
    """What it waited until it was due, in microseconds; and then until it was claimed."""
    queue_us: int = 0
    spent: Spent = ()
    """By earlier attempts together; empty at the first."""
    counted: Counted | None = field(default=None, compare=False)
    """Told by stores that need it again at the settle."""

    @property
    def key(self) -> tuple[str, int]:
        return (self.job_id, self.fence)

    @property
    def is_suspect(self) -> bool:
        """Is it to be fetched alone in its process?"""
        return self.losses >= SUSPECT_AFTER
