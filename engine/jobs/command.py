"""What somebody asks the store to write and waits for. Commands of one commit share one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.jobs.job import Batch, Job
from engine.jobs.mould import Mould
from engine.jobs.once import Once
from engine.jobs.status import Status

JOB_BYTES = 1024
"""A usual one, before it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """New jobs, all or none. Answered with None once they are on the disk.

    If another submit was kept under its key before, in the same commit even, nothing is written and that one's Once is
    the answer.
    """

    jobs: tuple[Job, ...]
    batch: Batch | None = None
    """Comes with all its jobs."""
    once: Once | None = None


SUBMITS = Mould(Submit, ("jobs", "batch", "once"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Answered with the job as it is then: cancelled by this, or finished before; None if there is no such job."""

    job_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """Puts jobs back that failed or were cancelled, to start anew without what they came to.

    Answered with each job as it was before, None for those that are unknown: the others than failed and cancelled ones
    are left as they are.
    """

    job_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepChunk:
    """A piece of a large body, on its way to become the result if its fence settles. Answered with None."""

    job_id: str
    fence: int
    seq: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginAlone:
    """The fetch of a suspect begins, and it is the only one in hand: what its lease's end would be held against.

    Answered with None; changes nothing where the lease is no longer held.
    """

    job_id: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMany:
    """Those that are not final; answered, as all commands below, with Reached."""

    job_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBatch:
    """Up to `limit` jobs of a batch that are not final. Fewer reached than that: none is left."""

    batch_id: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearQueue:
    """Cancels up to `limit` queued jobs: those that are due, lane by lane, then scheduled ones, the next due first."""

    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteMany:
    """Final jobs with all that was kept of them; with `force` the others too, which are cancelled first."""

    job_ids: tuple[str, ...]
    force: bool = False


Bulk = CancelMany | CancelBatch | ClearQueue | DeleteMany
Command = Submit | Cancel | Redrive | KeepChunk | BeginAlone | Bulk


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a command over many jobs came to."""

    job_ids: tuple[str, ...]
    """Those it cancelled or deleted."""
    passed_over: Mapping[str, Status | None] = field(default_factory=dict)
    """Those it was asked for and left as they are; None where there is no such job."""


def ended_by(command: Command, answer: object) -> tuple[str, ...]:
    """Jobs that nobody need fetch any more: also those that the same command had ended when it was done before."""
    if isinstance(answer, Reached):
        over = (job_id for job_id, status in answer.passed_over.items() if status is None or status.is_final)
        return (*answer.job_ids, *over)
    return (command.job_id,) if isinstance(command, Cancel) else ()


def weight_of(command: Command) -> int:
    """Bytes, about."""
    if isinstance(command, KeepChunk):
        return len(command.data)
    return len(command.jobs) * JOB_BYTES if isinstance(command, Submit) else 0
