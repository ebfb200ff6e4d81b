"""Questions about jobs, and their answers."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from engine.jobs.job import Batch, Job
from engine.jobs.outcome import ErrorType, Page
from engine.jobs.stages import Spent
from engine.jobs.status import Status

COUNTED_AT_MOST = 10_001
"""A filtered list counts its total up to here and then says that it is a lower bound."""
OF_PAGES = (ErrorType.HTTP_4XX, ErrorType.HTTP_5XX)
SORTED_BY = ("created_at", "updated_at", "priority", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """Filters hold together; within a list any one does. Dates (epoch seconds) bound created_at, both ends included."""

    statuses: tuple[Status, ...] = ()
    scraper_types: tuple[str, ...] = ()
    url_contains: str | None = None
    host: str | None = None
    tags: tuple[str, ...] = ()
    batch_id: str | None = None
    date_from: float | None = None
    date_to: float | None = None
    sort_by: str = "created_at"
    descending: bool = True
    offset: int = 0
    limit: int = 20
    after: tuple[float | int | str, str] | None = None
    """Instead of an offset: the sort value and id of the last job seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """Jobs of one page; the total counts all that match, or is a lower bound."""

    jobs: tuple[Job, ...]
    total: int
    total_is_lower_bound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """Of the whole store. due + delayed + running = 0 means all is settled."""

    due: int
    delayed: int
    running: int
    running_ids: tuple[str, ...]
    """At most 1,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFigures:
    """How a batch stands. Jobs of it that were deleted are over and counted nowhere."""

    batch: Batch
    counts: "Counts"
    began_at: float | None
    """When the first of its jobs was first claimed."""

    @property
    def left(self) -> int:
        return self.counts[Status.QUEUED] + self.counts[Status.RUNNING]

    @property
    def status(self) -> Status:
        """Once none is left: failed if one failed that stops it, or all did; else cancelled if some were."""
        failed, cancelled = self.counts[Status.FAILED], self.counts[Status.CANCELLED]
        if self.left:
            return Status.QUEUED if self.counts[Status.QUEUED] == self.batch.total else Status.RUNNING
        if failed and (failed == self.batch.total or self.batch.stop_on_error):
            return Status.FAILED
        return Status.CANCELLED if cancelled else Status.COMPLETED

    @property
    def progress(self) -> int:
        """In percent, rounded down."""
        return 100 * (self.batch.total - self.left) // self.batch.total

    def ends_at(self, now: float) -> float | None:
        """If it goes on at its own pace so far; None before that was measured, and when none is left."""
        settled = self.counts[Status.COMPLETED] + self.counts[Status.FAILED]
        if not (settled and self.left):
            return None
        took_s = max(now - (self.began_at or self.batch.created_at), 0.0)
        return now + took_s * self.left / settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A settled job and what it came to. `page.body` holds a small body; a large one is read by JobStore.body."""

    job: Job
    page: Page | None

    @property
    def is_pruned(self) -> bool:
        """Was there a page, which is not kept any more? What ends so had one."""
        return self.page is None and (self.job.status is Status.COMPLETED or self.job.error_type in OF_PAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one settlement: `accepted` unless its fence no longer held; `status` is the job's then.

    Nor is one accepted which the database refused, even as a failure.
    """

    accepted: bool
    status: Status
    at: float = field(default=0.0, compare=False)
    """When its transaction began, in the store's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where a job's time went, and what is to be done before it. Jobs are counted up to COUNTED_AT_MOST."""

    job: Job
    last: Spent | None = None
    """Of its last attempt that came to an outcome."""
    total: Spent | None = None
    """Of all of them."""
    ahead: int = 0
    """Jobs that wait in its lane and go first."""
    before: int = 0
    """Jobs of all lanes that go first, about: as if the other lanes had their turn each time that its lane has."""


Body = AsyncIterator[bytes]
Counts = Mapping[Status, int]
