"""Jobs kept in a dict: what the API reads and commits, without leases or a clock of its own."""

from collections.abc import AsyncIterator, Iterable, Sequence
from operator import attrgetter

from engine.jobs.backlog import Backlog
from engine.jobs.command import (
    Bulk,
    Cancel,
    CancelBatch,
    CancelMany,
    ClearQueue,
    Command,
    DeleteMany,
    Reached,
    Redrive,
    Submit,
)
from engine.jobs.job import Batch, Job
from engine.jobs.once import Once
from engine.jobs.outcome import Page
from engine.jobs.ports import Answer
from engine.jobs.query import BatchFigures, Explanation, JobPage, JobQuery, QueueFigures, Result
from engine.jobs.stats import DayFigures, Figures, Stats
from engine.jobs.status import Status

PIECE = 4


class Shelf:
    """A job that is put here may have a page; the body of a page in chunks is kept beside it."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.queries: list[JobQuery] = []
        self.waits: list[float] = []
        self.batches: dict[str, Batch] = {}
        self.steps: list[int] = []
        """How many jobs each bounded command was asked for."""
        self.fault: Exception | None = None
        self.per_second: float | None = None
        """What all settle."""
        self.kept: dict[str, Once] = {}
        self._pages: dict[str, Page | None] = {}
        self._bodies: dict[str, bytes] = {}
        self.explanations: dict[str, Explanation] = {}
        self.days: dict[tuple[int, str], Figures] = {}

    def put(self, job: Job, page: Page | None = None, *, body: bytes = b"") -> None:
        self.jobs[job.id], self._pages[job.id], self._bodies[job.id] = job, page, body

    async def commit(self, command: Command) -> Answer:
        self._fail()
        if isinstance(command, Submit):
            return self._submit(command)
        if isinstance(command, Redrive):
            return tuple(map(self._redrive, command.job_ids))
        if isinstance(command, Bulk):
            return self._reach(command)
        assert isinstance(command, Cancel)
        self._cancel([command.job_id])
        return self.jobs[command.job_id]

    def _reach(self, command: Bulk) -> Reached:
        match command:
            case CancelMany(job_ids=asked):
                return self._reached(asked, self._cancel(self._open(asked)))
            case DeleteMany(job_ids=asked, force=force):
                self._cancel(self._open(asked) if force else [])
                gone = [job_id for job_id in dict.fromkeys(asked) if job_id in self.jobs.keys() - self._open(asked)]
                self.jobs = {job_id: job for job_id, job in self.jobs.items() if job_id not in gone}
                return self._reached(asked, gone)
            case CancelBatch(batch_id=batch_id, limit=limit):
                found = [job.id for job in self.jobs.values() if job.batch_id == batch_id]
            case ClearQueue(limit=limit):
                found = [job.id for job in self.jobs.values() if job.status is Status.QUEUED]
        self.steps.append(limit)
        return Reached(job_ids=tuple(self._cancel(self._open(found)[:limit])))

    def _open(self, job_ids: Iterable[str]) -> list[str]:
        known = [job_id for job_id in dict.fromkeys(job_ids) if job_id in self.jobs]
        return [job_id for job_id in known if not self.jobs[job_id].status.is_final]

    def _cancel(self, job_ids: Sequence[str]) -> Sequence[str]:
        for job_id in job_ids:
            self.jobs[job_id] = self.jobs[job_id].cancelled(now=self.jobs[job_id].updated_at)
        return job_ids

    def _reached(self, asked: Iterable[str], done: Sequence[str]) -> Reached:
        stands = {job_id: self.jobs[job_id].status if job_id in self.jobs else None for job_id in asked}
        left = {job_id: status for job_id, status in stands.items() if job_id not in done}
        return Reached(job_ids=tuple(done), passed_over=left)

    def _submit(self, command: Submit) -> Answer:
        if command.once is not None:
            kept = self.kept.setdefault(command.once.key, command.once)
            if kept != command.once:
                return kept
        self.jobs.update({job.id: job for job in command.jobs})
        self.batches |= {command.batch.id: command.batch} if command.batch else {}
        return None

    def _redrive(self, job_id: str) -> Job | None:
        before = self.jobs.get(job_id)
        if before is not None and before.status.may_start_anew:
            self.jobs[job_id] = before.redriven(now=before.updated_at)
        return before

    async def get(self, job_id: str) -> Job | None:
        self._fail()
        return self.jobs.get(job_id)

    async def wait_until_final(self, job_id: str, timeout_s: float) -> Job | None:
        self.waits.append(timeout_s)
        return self.jobs.get(job_id)

    async def result(self, job_id: str) -> Result | None:
        job = self.jobs.get(job_id)
        return None if job is None else Result(job=job, page=self._pages.get(job_id))

    async def explain(self, job_id: str) -> Explanation | None:
        self._fail()
        job = self.jobs.get(job_id)
        return self.explanations.get(job_id, Explanation(job=job)) if job else None

    async def body(self, job_id: str) -> AsyncIterator[bytes]:
        body = self._bodies[job_id]
        for at in range(0, len(body), PIECE):
            yield body[at : at + PIECE]
            self._fail()

    async def find(self, query: JobQuery) -> JobPage:
        self.queries.append(query)
        order = attrgetter(query.sort_by, "id")
        found = sorted(self.jobs.values(), key=order, reverse=query.descending)
        if query.after is not None:
            last = next(at for at, job in enumerate(found) if order(job) == query.after)
            rest = found[last + 1 :]
        else:
            rest = found[query.offset :]
        return JobPage(jobs=tuple(rest[: query.limit]), total=len(found), total_is_lower_bound=False)

    async def queue(self) -> QueueFigures:
        running = tuple(job.id for job in self.jobs.values() if job.status is Status.RUNNING)
        delayed = sum(job.is_scheduled for job in self.jobs.values())
        due = sum(job.status is Status.QUEUED for job in self.jobs.values()) - delayed
        return QueueFigures(due=due, delayed=delayed, running=len(running), running_ids=running)

    async def backlog(self) -> Backlog:
        return Backlog(eligible=(await self.queue()).due, per_second=self.per_second)

    async def stats(self, first_day: int, last_day: int) -> Stats:
        found = sorted(item for item in self.days.items() if first_day <= item[0][0] <= last_day)
        days = tuple(DayFigures(day=day, scraper_type=kind, figures=figures) for (day, kind), figures in found)
        return Stats(days=days, running=sum(job.status is Status.RUNNING for job in self.jobs.values()))

    async def batch(self, batch_id: str) -> BatchFigures | None:
        batch = self.batches.get(batch_id)
        if batch is None:
            return None
        jobs = [job for job in self.jobs.values() if job.batch_id == batch_id]
        counts = {status: sum(job.status is status for job in jobs) for status in Status}
        return BatchFigures(batch=batch, counts=counts, began_at=jobs[0].started_at if jobs else None)

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault
