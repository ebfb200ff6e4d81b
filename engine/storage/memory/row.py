"""A job and what only a store knows of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from engine.errors import StoreDamagedError
from engine.jobs.job import PRIORITY_STRETCH_S, Job, rank_of
from engine.jobs.lease import Lease
from engine.jobs.outcome import Page
from engine.jobs.stages import Spent, together
from engine.jobs.status import Status
from engine.jobs.verdict import Completed, Failed, Settlement
from engine.storage.codec import dumps
from engine.storage.fates import Ended
from engine.storage.held import Held


@dataclass(slots=True, kw_only=True)
class Row:
    """The one value here that changes."""

    job: Job
    rank: float
    """As the job came, or as it was put off: promoting it leaves its place."""
    owner: str | None = None
    alone: int | None = None
    """The fence of its last fetch that began with nothing else in hand."""
    page: Page | None = None
    stages: tuple[Spent, Spent] | None = None
    """Of the last attempt, and of all together."""
    waited_us: tuple[int, int] = (0, 0)
    """Before its latest claim: until it was due, and then until it was claimed."""
    chunks: dict[int, dict[int, bytes]] = field(default_factory=dict)
    """Pieces by fence and place."""

    @property
    def waits(self) -> bool:
        return self.job.status is Status.QUEUED and not self.job.is_scheduled

    @property
    def has_lane(self) -> bool:
        return self.waits or self.job.status is Status.RUNNING

    def holds(self, lease: Lease) -> bool:
        return self.job.fence == lease.fence and self.job.status is Status.RUNNING

    def was_settled_by(self, lease: Lease) -> bool:
        return self.job.fence == lease.fence and self.job.attempts > lease.attempts

    def settled(self, settlement: Settlement, *, now: float) -> Job:
        """Keeps the page, and a retry's place; returns the job as it is then."""
        verdict, ran_s = settlement.verdict, settlement.outcome.elapsed_s
        self.page = settlement.page and replace(settlement.page, retry_after_s=None, redirected=False, times=None)
        self._count(settlement, now)
        if isinstance(verdict, Completed):
            return self.job.completed(now=now, ran_s=ran_s)
        if isinstance(verdict, Failed):
            return self.job.failed(now=now, ran_s=ran_s, error_type=verdict.error_type, message=verdict.message)
        self.rank = rank_of(due_at=verdict.due_at, priority=self.job.priority)
        return self.job.retrying(
            now=now, due_at=verdict.due_at, ran_s=ran_s, error_type=verdict.error_type, message=verdict.message
        )

    def claimed(self, *, now: float, until: float) -> Job:
        """Counts what it waited for that; returns the job as it is then."""
        moved_at, due_at = self.job.updated_at, self.rank + self.job.priority * PRIORITY_STRETCH_S
        self.waited_us = int(max(0.0, due_at - moved_at) * 1e6), int(max(0.0, now - max(moved_at, due_at)) * 1e6)
        return self.job.claimed(now=now, until=until)

    def given_back(self, *, now: float, lost: bool, alone: bool, before: int) -> Job:
        """One that is due later takes its place by that; returns the job as it is then."""
        job = self.job.given_back(now=now, lost=lost, alone=alone, before=before)
        if job.is_scheduled:
            self.rank = job.rank
        return job

    def put_off(self, *, now: float, before: int) -> Job:
        """Keeps its place; returns the job as it is then."""
        return self.job.put_off(now=now, before=before)

    def redriven(self, *, now: float) -> Job:
        """Lets go of the page and its times, and takes a place as one that comes now; returns the job as it is then."""
        self.page = self.stages = None
        self.rank = rank_of(due_at=now, priority=self.job.priority)
        return self.job.redriven(now=now)

    def ended(self) -> Ended:
        """As whoever decides what becomes of it sees it."""
        job = self.job
        return Ended(Held(job.id, job.lane, job.losses), self.alone == job.fence, not job.request.may_repeat)

    def lease(self) -> Lease:
        job, (delay_us, queue_us) = self.job, self.waited_us
        return Lease(
            job_id=job.id,
            fence=job.fence,
            until=job.lease_until or 0.0,
            request=job.request,
            attempts=job.attempts,
            losses=job.losses,
            ran_s=job.ran_s,
            claimed_at=job.updated_at,
            delay_us=delay_us,
            queue_us=queue_us,
            spent=self.stages[1] if self.stages else (),
        )

    def pieces(self) -> Iterator[bytes]:
        if self.page is not None and self.page.body:
            yield self.page.body
        if self.page is not None and self.page.chunks is not None:
            pieces = self.chunks.get(self.job.fence, {})
            for seq in range(self.page.chunks.count):
                if self.page is None:
                    return
                if seq not in pieces:
                    raise StoreDamagedError(f"the body of {self.job.id} is damaged: piece {seq} is missing")
                yield pieces[seq]

    def sweep(self, limit: int) -> int:
        """Removes up to `limit` pieces that can become no result any more, and says how many."""
        swept = 0
        for fence in [fence for fence in self.chunks if not self._needs(fence)]:
            while self.chunks[fence] and swept < limit:
                self.chunks[fence].popitem()
                swept += 1
        return swept

    def _count(self, settlement: Settlement, now: float) -> None:
        last = settlement.spent(settled_at=now)
        if last is not None:
            self.stages = last, together(settlement.lease.spent, last)

    def _needs(self, fence: int) -> bool:
        is_kept = self.page is not None and self.page.chunks is not None
        return fence == self.job.fence and (is_kept or self.job.status is Status.RUNNING)


def refuse_unstorable(settlement: Settlement) -> None:
    """Raises RefusedDataError."""
    page, verdict = settlement.page, settlement.verdict
    if page is not None:
        dumps([page.status_code, page.final_url, page.headers, page.content_type, page.charset, page.extraction])
    if not isinstance(verdict, Completed):
        dumps(verdict.message)
