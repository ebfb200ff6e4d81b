"""What somebody asks the store to write and waits for. Commands of one commit share one transaction."""

from dataclasses import dataclass

from engine.jobs.job import Batch, Job
from engine.jobs.once import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """New jobs, all or none. Answered with None once they are on the disk.

    If another submit was kept under its key before, in the same commit even, nothing is written and that one's Once is
    the answer.
    """

    jobs: tuple[Job, ...]
    batch: Batch | None = None
    once: Once | None = None


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


Command = Submit | Cancel | Redrive | KeepChunk
