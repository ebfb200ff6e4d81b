"""What the actors and the API ask of the outside. Adapters live in engine.storage and engine.fetch."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol

from engine.jobs.backlog import Backlog, Worker
from engine.jobs.command import Command, Reached
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.once import Once
from engine.jobs.outcome import ErrorType, Outcome
from engine.jobs.query import BatchFigures, Body, Counts, Explanation, JobPage, JobQuery, QueueFigures, Result, Settled
from engine.jobs.request import Request
from engine.jobs.stats import Stats
from engine.jobs.verdict import Settlement

Answer = Job | Once | Reached | tuple[Job | None, ...] | None
"""Which of them, each command says."""
Ends = Mapping[ErrorType, int]
"""How many jobs a transaction ended without an outcome, by the error they ended with; a cancel ends with cancelled."""
ROOM_PAUSE_S = 1.0
"""How long who waits for room on a full disk waits between two looks."""


class JobStore(Protocol):
    """Keeps jobs and results. Each method is one transaction; what it returned is on the disk.

    Who opened it is told of the Ends of each transaction, once, when it is on the disk: what `settle` was given is none
    of them, what it cancels with that is.
    """

    async def commit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """Writes what is asked, all or nothing, and answers in order. A command seen before changes nothing.

        Raises RefusedDataError when a value cannot be stored, StoreFullError when the disk is full.
        """

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Settled]:
        """Writes outcomes whose fence still holds; one that was settled by this very fence before is accepted again.

        Whatever makes a job of a batch with stop_on_error failed, here or elsewhere, cancels with it those of the
        batch that are queued then. Raises as commit does.
        """

    async def claim(self, room: int, *, owner: str, lease_s: float) -> Sequence[Lease]:
        """Takes up to `room` due jobs under a lease: batches in turn, within each its lanes, within a lane by rank.

        Jobs without a batch count as one. Of a batch with a parallel_limit never more than the limit run at once. None
        where there is nothing to take.
        """

    async def renew(self, leases: Sequence[Lease], *, lease_s: float) -> Sequence[Lease]:
        """Prolongs all in one statement and returns those it could not: cancelled, or claimed by others."""

    async def give_back(self, leases: Sequence[Lease], *, lost: bool = False) -> None:
        """Queued again without an outcome. Leases that no longer hold are passed over.

        `lost` counts a death, up to suspicion; one that must not be sent again (Request.may_repeat) then fails with
        connection_lost.
        """

    async def put_off(self, leases: Sequence[Lease], *, before: int) -> None:
        """Gives suspects back, and they are due later: one behind the other, and all behind `before` others.

        Leases that no longer hold are passed over, and nothing is counted.
        """

    async def release(self, owner: str, *, keeping: Sequence[Lease] = ()) -> int:
        """Gives back all that this owner holds, but for `keeping`, and says how many."""

    async def rescue(self, limit: int, *, keeping: Sequence[Lease] = ()) -> int:
        """Takes back up to `limit` jobs whose lease has ended, as lost ones are given back, and says how many.

        `keeping` is what this process has in hand: it was late to renew, which is no death.
        """

    def has_due(self) -> bool:
        """May there be scheduled jobs whose time has come? Costs nothing; a yes may be wrong, a no only for a while."""

    async def promote(self, limit: int) -> int:
        """Makes up to `limit` scheduled jobs due, those whose time has come, and says how many."""

    async def tidy(self, limit: int) -> int:
        """Maintenance, at most about `limit` rows a kind; says how many rows went.

        Results and keys past their time, pieces of bodies that belong to no result; and what the adapter needs itself.
        A result goes the store's `result_ttl_s` after its job's end; job and figures stay.
        """

    async def wait_for_work(self, timeout_s: float) -> None:
        """Returns when jobs may have become due in this process, at the latest after the time-out."""

    async def wait_until_final(self, job_id: str, timeout_s: float) -> Job | None:
        """The job once it is final, or as it is at the time-out; None if unknown."""

    async def get(self, job_id: str) -> Job | None:
        """The job as it is now."""

    async def result(self, job_id: str) -> Result | None:
        """The job and its page; None if the job is unknown."""

    async def explain(self, job_id: str) -> Explanation | None:
        """Where the job's time went, and what goes before it; None if unknown."""

    def body(self, job_id: str) -> Body:
        """The body piece by piece, at most about 256 KiB each; nothing if there is none, no more once it is gone."""

    async def find(self, query: JobQuery) -> JobPage:
        """Jobs by filters, in at most two statements; of their requests method and URL. Raises QueryTooSlowError."""

    async def queue(self) -> QueueFigures:
        """What waits and what runs."""

    async def backlog(self, own: Worker | None = None) -> Backlog:
        """What could be fetched now, and how fast all settle who share the store; `own` tells them of this process.

        Where more than 10,000 lanes are open, all that is due is taken for eligible.
        """

    async def counts(self) -> Counts:
        """Jobs per status, without scanning them."""

    async def stats(self, first_day: int, last_day: int) -> Stats:
        """Of the jobs created in these days, both included, without scanning them."""

    async def batch(self, batch_id: str) -> BatchFigures | None:
        """A batch and how its jobs stand, without scanning them; None if unknown."""

    async def close(self) -> None:
        """Ends it; what was committed stays."""


class Heir(Protocol):
    """Takes over what those leave who share the store and this machine with us, and die."""

    async def take_over(self) -> None:
        """Costs little while nobody has died. Raises TransientStoreError: then the next call does it."""


class Bell(Protocol):
    """How processes that share a store hear from each other."""

    async def attend(self, *, held: Callable[[], Sequence[Lease]], ended: Callable[[Iterable[str]], object]) -> None:
        """Works until it is cancelled: tells the others what came and was cancelled here, and hears from them.

        `ended` is told which jobs nobody need fetch any more, at the latest a second after; `held` gives the leases of
        this process.
        """


class Credit(Protocol):
    """The memory that a fetch may use; a wait for more is ours, not the site's."""

    held: int
    """Bytes it has."""

    @property
    def most(self) -> int:
        """Bytes it could ever have."""

    async def reach(self, size: int, /) -> None:
        """Returns once it has that many in all."""


class Allowance(Credit, Protocol):
    """A credit as its lender sees it."""

    def shrink(self, size: int, /) -> None:
        """Keeps at most that many."""

    def give_back(self) -> None:
        """Keeps none; may be said again."""


Sink = Callable[[bytes], Awaitable[None]]
"""Takes pieces of a large body in order; returns once the piece is kept."""


class Fetch(Protocol):
    """Makes one attempt at a request. What the web does is a value; only cancellation is raised."""

    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:
        """A body over 256 KiB goes to `sink` while it arrives, and `credit` has what it takes before it is read.

        `timeout_s` bounds the whole attempt, without what `sink` and `credit` took.
        """


class Journal(Protocol):
    """Notes the fetches in hand where a sudden death of the process leaves them; each call takes about a microsecond.

    Who opens the store next is told by it whose fetch had begun.
    """

    def begin(self, lease: Lease, *, alone: bool) -> int:
        """Notes it and says where."""

    def end(self, place: int) -> None:
        """Takes the note back."""
