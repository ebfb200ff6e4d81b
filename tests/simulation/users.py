"""Who asks: submits, submits again, cancels, waits. A user notes what it was told, and dies with the connection."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import cast

from actors.system import System
from engine.errors import EngineError
from engine.jobs.command import Cancel, Submit
from engine.jobs.ids import Ids
from engine.jobs.job import Batch, Job
from engine.jobs.query import JobQuery
from engine.jobs.request import Options, Request
from engine.jobs.status import Status
from engine.runtime import KernelError
from tests.simulation.books import ABORTED_WITHIN_S, Books
from tests.simulation.loop import Clock
from tests.simulation.web import TOXIC, UNSTORABLE, Web

PAUSE_S = 3.0
TOXIC_JOBS = 2
"""Each crashes two fetchers: many of them together would be the end of any system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What the users of one story do."""

    jobs: int
    cancel: bool
    repeat: bool
    hosts: int
    is_nasty: bool
    """Some of their pages are poison."""


class Users:
    """Of one process; what they asked for is the whole story's."""

    def __init__(
        self,
        *,
        random: Random,
        clock: Clock,
        ids: Ids,
        habits: Habits,
        books: Books,
        submits: list[Submit],
        tell: Callable[..., None],
        fail: Callable[[str], None],
    ) -> None:
        self._random = random
        self._clock = clock
        self._ids = ids
        self._habits = habits
        self._books = books
        self._submits = submits
        self._tell = tell
        self._fail = fail

    async def act(self, system: System, web: Web) -> None:
        """Until all jobs of the story are submitted."""
        while len(self._books.jobs) < self._habits.jobs:
            await asyncio.sleep(self._random.random() ** 2 * PAUSE_S)
            try:
                await self._one(system, web)
            except (EngineError, KernelError) as refused:
                self._tell("refused", type(refused).__name__)

    async def insist(self, system: System) -> None:
        """What nobody answered is asked for again, until it is answered."""
        for submit in list(self._submits):
            if not self._books.acknowledged.issuperset(job.id for job in submit.jobs):
                await self._submit(system, submit)

    async def _one(self, system: System, web: Web) -> None:
        acts: list[Callable[[System, Web], Awaitable[None]]] = [self._new, self._new]
        acts += [self._again] * self._habits.repeat
        acts += [self._cancel] * self._habits.cancel
        await self._random.choice([*acts, self._look])(system, web)

    async def _new(self, system: System, _: Web) -> None:
        count = self._random.choice([1, 1, 1, 2, 5])
        batch_id = self._ids.batch() if count > 1 and self._random.random() < 0.5 else None
        jobs = tuple(self._job(batch_id) for _ in range(count))
        batch = Batch(id=batch_id, total=count, created_at=self._clock.wall()) if batch_id else None
        submit = Submit(jobs=jobs, batch=batch)
        self._submits.append(submit)
        self._books.jobs.update((job.id, job) for job in jobs)
        await self._submit(system, submit)

    async def _again(self, system: System, _: Web) -> None:
        if self._submits:
            await self._submit(system, self._random.choice(self._submits))

    async def _submit(self, system: System, submit: Submit) -> None:
        await system.commit(submit)
        self._tell("acknowledged", len(submit.jobs))
        self._books.submitted(job.id for job in submit.jobs)

    async def _cancel(self, system: System, web: Web) -> None:
        job_id = self._any_job()
        job = cast(Job | None, await system.commit(Cancel(job_id=job_id)))
        self._tell("cancelled", job_id, job and job.status)
        if job is not None and not job.status.is_final:
            self._fail(f"{job_id} is {job.status} after a cancel")
        if job is not None and job.status is Status.CANCELLED:
            self._books.cancelled.setdefault(job_id, self._clock.now)
            asyncio.get_running_loop().call_later(ABORTED_WITHIN_S, self._must_be_aborted, job_id, web)

    def _must_be_aborted(self, job_id: str, web: Web) -> None:
        if web.running[job_id]:
            self._fail(f"{job_id} is fetched still, {ABORTED_WITHIN_S} s after its cancel")

    async def _look(self, system: System, _: Web) -> None:
        job_id, patience_s = self._any_job(), self._random.random() * 3
        asked_at = self._clock.now
        job = await system.store.wait_until_final(job_id, patience_s)
        if job and not job.status.is_final and self._clock.now < asked_at + patience_s:
            self._fail(f"who waited for {job_id} was sent away too early")
        await system.store.find(JobQuery(statuses=(Status.RUNNING,)))
        await system.store.counts()

    def _any_job(self) -> str:
        return self._random.choice([*self._books.jobs, "job_unknown"])

    def _nasty(self) -> str:
        if not self._habits.is_nasty or self._random.random() < 0.8:
            return ""
        toxic = sum(TOXIC in job_id for job_id in self._books.jobs)
        return TOXIC if toxic < TOXIC_JOBS else UNSTORABLE

    def _job(self, batch_id: str | None) -> Job:
        number = f"{len(self._books.jobs):03}{self._random.randrange(10**6):06}"
        job_id = f"job_{number}{self._nasty()}"
        host = f"site{self._random.randrange(self._habits.hosts)}.test"
        options = Options(
            timeout_s=self._random.choice([1.0, 3.0, 8.0]),
            max_retries=self._random.randrange(4),
            delay_between_retries_s=self._random.choice([0.0, 0.2, 2.0]),
            retry_unsafe=self._random.random() < 0.3,
        )
        method = self._random.choice(["GET", "GET", "GET", "POST"])
        request = Request(url=f"http://{host}/{job_id}", host=host, method=method, options=options)
        now = self._clock.wall()
        priority = self._random.choice([0, 0, 0, -10, 10])
        return Job(id=job_id, request=request, batch_id=batch_id, priority=priority, created_at=now, updated_at=now)
