"""A store without jobs, in which nothing happens, but that the disk is full for whoever commands."""
# ruff: noqa: ARG002  # where nothing happens, nothing is used

from collections.abc import AsyncIterator, Sequence

from engine.errors import StoreFullError
from engine.jobs.backlog import Backlog, Worker
from engine.jobs.command import Command
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.ports import Answer
from engine.jobs.query import BatchFigures, Counts, Explanation, JobPage, JobQuery, QueueFigures, Result, Settled
from engine.jobs.stats import Stats
from engine.jobs.verdict import Settlement


class StillStore:
    async def commit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        raise StoreFullError

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Settled]:
        return ()

    async def claim(self, room: int, *, owner: str, lease_s: float) -> Sequence[Lease]:
        return ()

    async def renew(self, leases: Sequence[Lease], *, lease_s: float) -> Sequence[Lease]:
        return leases

    async def give_back(self, leases: Sequence[Lease], *, lost: bool = False) -> None:
        pass

    async def put_off(self, leases: Sequence[Lease], *, before: int) -> None:
        pass

    async def release(self, owner: str, *, keeping: Sequence[Lease] = ()) -> int:
        return 0

    async def rescue(self, limit: int, *, keeping: Sequence[Lease] = ()) -> int:
        return 0

    def has_due(self) -> bool:
        return True

    async def promote(self, limit: int) -> int:
        return 0

    async def tidy(self, limit: int) -> int:
        return 0

    async def wait_for_work(self, timeout_s: float) -> None:
        pass

    async def wait_until_final(self, job_id: str, timeout_s: float) -> Job | None:
        return None

    async def get(self, job_id: str) -> Job | None:
        return None

    async def result(self, job_id: str) -> Result | None:
        return None

    async def explain(self, job_id: str) -> Explanation | None:
        return None

    async def body(self, job_id: str) -> AsyncIterator[bytes]:
        nothing: tuple[bytes, ...] = ()
        for piece in nothing:
            yield piece

    async def find(self, query: JobQuery) -> JobPage:
        return JobPage(jobs=(), total=0, total_is_lower_bound=False)

    async def queue(self) -> QueueFigures:
        return QueueFigures(due=0, delayed=0, running=0, running_ids=())

    async def backlog(self, own: Worker | None = None) -> Backlog:
        return Backlog(eligible=0, per_second=None)

    async def counts(self) -> Counts:
        return {}

    async def stats(self, first_day: int, last_day: int) -> Stats:
        return Stats(days=(), running=0)

    async def batch(self, batch_id: str) -> BatchFigures | None:
        return None

    async def close(self) -> None:
        pass
