"""Jobs kept in a dict: what the API reads and commits, without leases or a clock of its own."""

from collections.abc import AsyncIterator
from operator import attrgetter

from engine.jobs.command import Cancel, Command, Redrive, Submit
from engine.jobs.job import Job
from engine.jobs.once import Once
from engine.jobs.outcome import Page
from engine.jobs.ports import Answer
from engine.jobs.query import Explanation, JobPage, JobQuery, QueueFigures, Result
from engine.jobs.status import Status

PIECE = 4


class Shelf:
    """A job that is put here may have a page; the body of a page in chunks is kept beside it."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.queries: list[JobQuery] = []
        self.waits: list[float] = []
        self.fault: Exception | None = None
        self.kept: dict[str, Once] = {}
        self._pages: dict[str, Page | None] = {}
        self._bodies: dict[str, bytes] = {}
        self.explanations: dict[str, Explanation] = {}

    def put(self, job: Job, page: Page | None = None, *, body: bytes = b"") -> None:
        self.jobs[job.id], self._pages[job.id], self._bodies[job.id] = job, page, body

    async def commit(self, command: Command) -> Answer:
        self._fail()
        if isinstance(command, Submit):
            return self._submit(command)
        if isinstance(command, Redrive):
            return tuple(map(self._redrive, command.job_ids))
        assert isinstance(command, Cancel)
        job = self.jobs[command.job_id]
        self.jobs[job.id] = job.cancelled(now=job.updated_at)
        return self.jobs[job.id]

    def _submit(self, command: Submit) -> Answer:
        if command.once is not None:
            kept = self.kept.setdefault(command.once.key, command.once)
            if kept != command.once:
                return kept
        self.jobs.update({job.id: job for job in command.jobs})
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

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault
