"""Where jobs stand just now, for a transaction that is about to move them."""

from collections.abc import Iterable
from typing import NamedTuple

from engine.jobs.lease import Lease
from engine.jobs.status import FINAL, Status
from engine.storage.codec import dumps
from engine.storage.sqlite.tally import SCHEDULED, Place
from engine.storage.sqlite.transaction import Transaction

STANDING = "json_array(id, fence, status, due_at IS NOT NULL, attempts, lane)"
STANDINGS = f"SELECT json_group_array({STANDING}) FROM jobs WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants


class Standing(NamedTuple):
    """`attempts` counts outcomes so far."""

    job_id: str
    fence: int
    status: str
    is_scheduled: int
    attempts: int
    lane: str

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


def standings(transaction: Transaction, job_ids: Iterable[str]) -> dict[str, Standing]:
    """Of the jobs that exist."""
    found = transaction.parsed(STANDINGS, dumps(list(job_ids)))
    return {row[0]: Standing(*row) for row in found}
