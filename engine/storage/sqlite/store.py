"""The JobStore port on a SQLite file.

Each method is one transaction of the writer's, or a statement or two of a reader's.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path

from engine.jobs.backlog import Backlog, Worker
from engine.jobs.command import Command, Submit
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.ports import Answer, Ends
from engine.jobs.query import BatchFigures, Counts, Explanation, JobPage, JobQuery, QueueFigures, Result, Settled
from engine.jobs.stats import Stats
from engine.jobs.verdict import Settlement
from engine.runtime.threads import Call
from engine.storage.clock import StoreClock
from engine.storage.sqlite.claims import claim
from engine.storage.sqlite.commands import commit
from engine.storage.sqlite.daily import stats
from engine.storage.sqlite.explains import explain
from engine.storage.sqlite.figures import batch, counts, eligible, queue
from engine.storage.sqlite.jobs import get
from engine.storage.sqlite.leases import give_back, put_off, release, renew, rescue
from engine.storage.sqlite.opening import Opened, opened
from engine.storage.sqlite.promotes import promote
from engine.storage.sqlite.results import chunk, parts, result
from engine.storage.sqlite.search import find
from engine.storage.sqlite.settles import settle
from engine.storage.sqlite.tidies import Maintenance
from engine.storage.sqlite.turnstile import Turn
from engine.storage.workforce import Workforce


class SqliteStore:
    """Made by `open`. One process a file, any number of tasks."""

    def __init__(self, file: Opened, *, result_ttl_s: float | None) -> None:
        self._lock = file.lock
        self._writer = file.writer
        self._reader = file.reader
        self._news = file.news
        self._types = file.types
        self._workforce = Workforce(now=file.now)
        self._maintenance = Maintenance(writer=file.writer, reader=file.reader, now=file.now, result_ttl_s=result_ttl_s)
        self.journal = file.journal
        self.recovered = file.recovered

    @classmethod
    async def open(  # noqa: PLR0913 - what a file is opened with
        cls,
        path: Path,
        *,
        write: Call,
        read: Call,
        clock: StoreClock,
        log_bytes: int = 0,
        result_ttl_s: float | None = None,
        ended: Callable[[Ends], object] = lambda _: None,
    ) -> "SqliteStore":
        """`write` runs one work at a time, `read` a few; they are closed by the caller, after the store.

        An empty log has `log_bytes` allotted: it need not grow so far, which takes time (perf/FINDINGS.md).
        `result_ttl_s` is how long a result is kept after its job's end; None: for good. `ended` is told of Ends, those
        of what the last owner left included.

        Raises SchemaBehindError, StoreInUseError, StoreDamagedError.
        """
        file = await write(partial(opened, path, write=write, read=read, clock=clock, log_bytes=log_bytes, ended=ended))
        file.news.ends_came(file.ends)
        return cls(file, result_ttl_s=result_ttl_s)

    async def commit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        self._types |= {job.scraper_type for command in commands if isinstance(command, Submit) for job in command.jobs}
        return await self._writer.run(Turn.COMMAND, partial(commit, commands=commands))

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Settled]:
        return await self._writer.run(Turn.SETTLE, partial(settle, settlements=settlements))

    async def claim(self, room: int, *, owner: str, lease_s: float) -> Sequence[Lease]:
        self._news.looks_for_work()
        return await self._writer.run(Turn.CLAIM, partial(claim, room=room, owner=owner, lease_s=lease_s))

    async def renew(self, leases: Sequence[Lease], *, lease_s: float) -> Sequence[Lease]:
        return await self._writer.run(Turn.RENEW, partial(renew, leases=leases, lease_s=lease_s))

    async def give_back(self, leases: Sequence[Lease], *, lost: bool = False) -> None:
        await self._writer.run(Turn.RENEW, partial(give_back, leases=leases, lost=lost))

    async def put_off(self, leases: Sequence[Lease], *, before: int) -> None:
        await self._writer.run(Turn.RENEW, partial(put_off, leases=leases, before=before))

    async def release(self, owner: str, *, keeping: Sequence[Lease] = ()) -> int:
        return await self._writer.run(Turn.MAINTENANCE, partial(release, owner=owner, keeping=keeping))

    async def rescue(self, limit: int, *, keeping: Sequence[Lease] = ()) -> int:
        return await self._writer.run(Turn.MAINTENANCE, partial(rescue, limit=limit, keeping=keeping))

    def has_due(self) -> bool:
        return True

    async def promote(self, limit: int) -> int:
        return await self._writer.run(Turn.MAINTENANCE, partial(promote, limit=limit))

    async def tidy(self, limit: int) -> int:
        return await self._maintenance.tidy(limit)

    async def wait_for_work(self, timeout_s: float) -> None:
        await self._news.work(timeout_s)

    async def wait_until_final(self, job_id: str, timeout_s: float) -> Job | None:
        return await self._news.final(job_id, timeout_s, self.get)

    async def get(self, job_id: str) -> Job | None:
        return await self._reader.run(partial(get, job_id=job_id))

    async def result(self, job_id: str) -> Result | None:
        return await self._reader.run(partial(result, job_id=job_id))

    async def explain(self, job_id: str) -> Explanation | None:
        return await self._reader.run(partial(explain, job_id=job_id))

    async def body(self, job_id: str) -> AsyncIterator[bytes]:
        found = await self._reader.run(partial(parts, job_id=job_id))
        if found.inline:
            yield found.inline
        for seq in range(found.chunks):
            piece = await self._reader.run(partial(chunk, job_id=job_id, fence=found.fence, seq=seq))
            if not piece:
                return
            yield piece

    async def find(self, query: JobQuery) -> JobPage:
        return await self._reader.run(partial(find, query=query, types=frozenset(self._types)))

    async def queue(self) -> QueueFigures:
        return await self._reader.run(queue)

    async def backlog(self, own: Worker | None = None) -> Backlog:
        return self._workforce.backlog(await self._reader.run(eligible), own)

    async def counts(self) -> Counts:
        return await self._reader.run(counts)

    async def stats(self, first_day: int, last_day: int) -> Stats:
        return await self._reader.run(partial(stats, first_day=first_day, last_day=last_day))

    async def batch(self, batch_id: str) -> BatchFigures | None:
        return await self._reader.run(partial(batch, batch_id=batch_id))

    async def close(self) -> None:
        """May be called again."""
        await self._reader.close()
        await self._writer.close()
        self.journal.close()
        self._lock.release()
