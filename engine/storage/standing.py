"""Where a job stands just now, for a transaction that is about to move it."""

from typing import NamedTuple

from engine.jobs.lease import Counted, Lease
from engine.jobs.status import FINAL, Status
from engine.storage.tally import SCHEDULED, Cohort, Place


class Standing(NamedTuple):
    """`attempts` counts outcomes so far."""

    job_id: str
    fence: int
    status: str
    is_scheduled: int
    attempts: int
    lane: str
    day: int
    scraper_type: str

    @property
    def cohort(self) -> Cohort:
        return self.day, self.scraper_type

    @property
    def counted(self) -> Counted:
        return self.lane, self.day, self.scraper_type

    @property
    def place(self) -> Place:
        return SCHEDULED if self.is_scheduled else self.status

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    def holds(self, lease: Lease) -> bool:
        return self.fence == lease.fence and self.status == Status.RUNNING

    def was_settled_by(self, lease: Lease) -> bool:
        """Neither a cancel nor a loss counts as an outcome."""
        return self.fence == lease.fence and self.attempts > lease.attempts
