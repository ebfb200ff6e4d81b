"""The JobStore port on a PostgreSQL server, for any number of processes.

Each method is one transaction of a connection's, or a statement or two.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any, TypeVar

from engine.jobs.backlog import Backlog, Worker
from engine.jobs.command import Command
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.ports import Answer
from engine.jobs.query import BatchFigures, Counts, Explanation, JobPage, JobQuery, QueueFigures, Result, Settled
from engine.jobs.stats import Stats
from engine.jobs.verdict import Settlement
from engine.storage.hands import Orphan
from engine.storage.news import News
from engine.storage.postgres.bell import Bell
from engine.storage.postgres.claims import claim
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.commands import commit
from engine.storage.postgres.daily import stats
from engine.storage.postgres.explains import explain
from engine.storage.postgres.figures import batch, counts, queue
from engine.storage.postgres.front import Front
from engine.storage.postgres.jobs import get
from engine.storage.postgres.leases import give_back, put_off, release, renew, rescue
from engine.storage.postgres.pool import Pool
from engine.storage.postgres.promotes import promote
from engine.storage.postgres.recovery import recover
from engine.storage.postgres.results import chunk, parts, result
from engine.storage.postgres.retry import retried
from engine.storage.postgres.search import find
from engine.storage.postgres.settles import settle
from engine.storage.postgres.snapshots import oldest_s
from engine.storage.postgres.tidies import Maintenance
from engine.storage.postgres.transaction import Transaction
from engine.storage.postgres.workforce import backlog, tell
from engine.storage.postgres.writer import Writer

T = TypeVar("T")


class PostgresStore:
    """Any number of tasks; the pool is closed with it."""

    def __init__(
        self,
        *,
        pool: Pool,
        clock: ServerClock,
        news: News,
        bell: Bell,
        draw: Callable[[], float],
        result_ttl_s: float | None = None,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._news = news
        self._bell = bell
        self._draw = draw
        self._monotonic = clock.monotonic
        front = Front(monotonic=clock.monotonic)
        self._writer = Writer(pool=pool, clock=clock, front=front, committed=self._tell, draw=draw)
        self._maintenance = Maintenance(writer=self._writer, result_ttl_s=result_ttl_s)
        self.attend = bell.attend

    async def commit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        return await self._writer.run(partial(commit, commands=commands), looks=False)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Settled]:
        return await self._writer.run(partial(settle, settlements=settlements), looks=False)

    async def claim(self, room: int, *, owner: str, lease_s: float) -> Sequence[Lease]:
        self._news.looks_for_work()
        return await self._writer.run(partial(claim, room=room, owner=owner, lease_s=lease_s), looks=False)

    async def renew(self, leases: Sequence[Lease], *, lease_s: float) -> Sequence[Lease]:
        return await self._writer.run(partial(renew, leases=leases, lease_s=lease_s))

    async def give_back(self, leases: Sequence[Lease], *, lost: bool = False) -> None:
        await self._writer.run(partial(give_back, leases=leases, lost=lost))

    async def put_off(self, leases: Sequence[Lease], *, before: int) -> None:
        await self._writer.run(partial(put_off, leases=leases, before=before))

    async def release(self, owner: str, *, keeping: Sequence[Lease] = ()) -> int:
        return await self._writer.run(partial(release, owner=owner, keeping=keeping))

    async def rescue(self, limit: int, *, keeping: Sequence[Lease] = ()) -> int:
        return await self._writer.run(partial(rescue, limit=limit, keeping=keeping))

    async def recover(self, orphan: Orphan) -> Mapping[str, int]:
        """What a process that died here had: says how many jobs met which fate."""
        return await self._writer.run(partial(recover, orphan=orphan))

    def has_due(self) -> bool:
        return self._clock.now() >= self._news.due_at

    async def promote(self, limit: int) -> int:
        self._news.due_at = inf
        return await self._writer.run(partial(promote, limit=limit))

    async def tidy(self, limit: int) -> int:
        self._pool.watch.saw_snapshot(await self._read(oldest_s))
        return await self._maintenance.tidy(limit)

    async def wait_for_work(self, timeout_s: float) -> None:
        await self._news.work(timeout_s)

    async def wait_until_final(self, job_id: str, timeout_s: float) -> Job | None:
        return await self._news.final(job_id, timeout_s, self.get)

    async def get(self, job_id: str) -> Job | None:
        return await self._read(get, job_id)

    async def result(self, job_id: str) -> Result | None:
        return await self._read(result, job_id)

    async def explain(self, job_id: str) -> Explanation | None:
        return await self._read(explain, job_id)

    async def body(self, job_id: str) -> AsyncIterator[bytes]:
        found = await self._read(parts, job_id)
        if found.inline:
            yield found.inline
        for seq in range(found.chunks):
            piece = await self._read(chunk, job_id, found.fence, seq)
            if not piece:
                return
            yield piece

    async def find(self, query: JobQuery) -> JobPage:
        return await self._read(find, query)

    async def queue(self) -> QueueFigures:
        return await self._read(queue)

    async def backlog(self, own: Worker | None = None) -> Backlog:
        if own is not None:
            await self._writer.run(partial(tell, own=own))
        return await self._read(backlog, self._clock.now())

    async def counts(self) -> Counts:
        return await self._read(counts)

    async def stats(self, first_day: int, last_day: int) -> Stats:
        return await self._read(stats, first_day, last_day)

    async def batch(self, batch_id: str) -> BatchFigures | None:
        return await self._read(batch, batch_id)

    async def close(self) -> None:
        """May be called again."""
        await self._pool.close()

    def _read(self, read: Callable[..., Awaitable[T]], *asked: Any) -> Coroutine[Any, Any, T]:
        return retried(self._once, read, *asked, draw=self._draw, clock=self._monotonic)

    def _tell(self, transaction: Transaction) -> None:
        self._news.ended(transaction.ended)
        self._news.ends_came(transaction.ends)
        if transaction.has_work:
            self._news.work_came()
        self._news.scheduled(transaction.due_at)
        self._bell.ring(transaction)

    async def _once(self, read: Callable[..., Awaitable[T]], *asked: Any) -> T:
        async with self._pool.connection() as connection:
            if not self._pool.is_pooled:
                return await read(connection, *asked)
            await connection.execute(self._pool.opening)  # which brings what a session of our own would have
            found = await read(connection, *asked)
            await connection.execute("COMMIT")
            return found
