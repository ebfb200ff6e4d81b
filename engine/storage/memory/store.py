"""The JobStore port over a dict of rows.

It writes in the loop and never waits in a write, so each method is one transaction by itself.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from engine.errors import RefusedDataError
from engine.jobs.backlog import Backlog, Worker
from engine.jobs.command import (
    BeginAlone,
    Bulk,
    Cancel,
    CancelBatch,
    CancelMany,
    ClearQueue,
    Command,
    DeleteMany,
    KeepChunk,
    Reached,
    Redrive,
    Submit,
)
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.once import Once
from engine.jobs.outcome import ErrorType
from engine.jobs.ports import Answer, Ends
from engine.jobs.query import BatchFigures, Counts, Explanation, JobPage, JobQuery, QueueFigures, Result, Settled
from engine.jobs.stats import Stats
from engine.jobs.status import Status
from engine.jobs.verdict import Settlement
from engine.storage.clock import StoreClock
from engine.storage.codec import dumps
from engine.storage.fates import Fate, fates_of
from engine.storage.memory.batches import Batches
from engine.storage.memory.daily import Daily
from engine.storage.memory.explain import explained
from engine.storage.memory.keys import Keys
from engine.storage.memory.lookup import matching
from engine.storage.memory.row import Row, refuse_unstorable
from engine.storage.memory.turns import Turns
from engine.storage.news import News
from engine.storage.share import in_turn, share
from engine.storage.workforce import Workforce

IDS_AT_MOST = 1000


class MemoryStore:
    """Rows in the order in which they came, and the turns of the lanes that have any."""

    def __init__(
        self,
        *,
        clock: StoreClock,
        result_ttl_s: float | None = None,
        ended: Callable[[Ends], object] = lambda _: None,
    ) -> None:
        """`result_ttl_s` is how long a result is kept after its job's end; None: for good. `ended` is told of Ends."""
        self._clock = clock
        self._news = News(ended=ended)
        self._rows: dict[str, Row] = {}
        self._batches = Batches()
        self._turns = Turns(self._batches)
        self._failed_in: set[str] = set()
        self._keys = Keys()
        self._daily = Daily()
        self._result_ttl_s = result_ttl_s
        self._ends: Counter[ErrorType] = Counter()
        self._workforce = Workforce(now=clock.now)
        self._now = 0.0

    async def commit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        self._refuse_unstorable(commands)
        self._begin()
        answers = [self._write(command) for command in commands]
        self._fold()
        return answers

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Settled]:
        for settlement in settlements:
            for _ in self._held((settlement.lease,)):
                refuse_unstorable(settlement)
        self._begin()
        ends = [self._settle(settlement) for settlement in settlements]
        self._fold()
        return ends

    async def claim(self, room: int, *, owner: str, lease_s: float) -> Sequence[Lease]:
        self._news.looks_for_work()
        self._begin()
        waiting = self._turns.next(self._rows.values(), room)
        each = share(room, map(len, waiting))
        taken = in_turn([rows[:each] for rows in waiting], room)
        self._turns.passed(taken)
        for row in taken:
            row.owner = owner
            self._move(row, row.claimed(now=self._now, until=self._now + lease_s))
        self._fold()
        return [row.lease() for row in taken]

    async def renew(self, leases: Sequence[Lease], *, lease_s: float) -> Sequence[Lease]:
        self._begin()
        held = {row.job.id: row for row in self._held(leases)}
        for row in held.values():
            row.job = replace(row.job, lease_until=self._now + lease_s)
        return [lease for lease in leases if lease.job_id not in held or not held[lease.job_id].holds(lease)]

    async def give_back(self, leases: Sequence[Lease], *, lost: bool = False) -> None:
        self._take_back(list({row.job.id: row for row in self._held(leases)}.values()), lost=lost)

    async def put_off(self, leases: Sequence[Lease], *, before: int) -> None:
        self._begin()
        rows = sorted({row.job.id: row for row in self._held(leases)}.items())
        for place, (_, row) in enumerate(rows, before):
            self._move(row, row.put_off(now=self._now, before=place))
        self._fold()

    async def release(self, owner: str, *, keeping: Sequence[Lease] = ()) -> int:
        kept = {lease.job_id for lease in keeping}
        return self._take_back([row for row in self._running() if row.owner == owner and row.job.id not in kept])

    async def rescue(self, limit: int, *, keeping: Sequence[Lease] = ()) -> int:
        now, kept = self._clock.now(), {lease.job_id for lease in keeping}
        ended = [row for row in self._running() if _until(row) <= now and row.job.id not in kept][:limit]
        fates = fates_of(row.ended() for row in ended)
        for fate, held in fates.items():
            rows = [self._rows[each.job_id] for each in held]
            self._take_back(rows, lost=fate is not Fate.UNHARMED, alone=fate in (Fate.LOST_ALONE, Fate.POISON))
        return len(ended)

    def has_due(self) -> bool:
        return True

    async def promote(self, limit: int) -> int:
        self._begin()
        due = [row for row in self._rows.values() if row.job.due_at is not None and row.job.due_at <= self._now]
        due = sorted(due, key=lambda row: row.job.due_at or 0.0)[:limit]
        for row in sorted(due, key=lambda row: row.job.id):
            self._move(row, row.job.promoted())
        self._fold()
        return len(due)

    async def tidy(self, limit: int) -> int:
        pruned, swept = self._prune(limit), 0
        for row in self._rows.values():
            swept += row.sweep(limit - swept)
        return pruned + swept + self._keys.forget(limit, now=self._clock.now())

    async def wait_for_work(self, timeout_s: float) -> None:
        await self._news.work(timeout_s)

    async def wait_until_final(self, job_id: str, timeout_s: float) -> Job | None:
        return await self._news.final(job_id, timeout_s, self.get)

    async def get(self, job_id: str) -> Job | None:
        row = self._rows.get(job_id)
        return row.job if row else None

    async def result(self, job_id: str) -> Result | None:
        row = self._rows.get(job_id)
        return Result(job=row.job, page=row.page) if row else None

    async def explain(self, job_id: str) -> Explanation | None:
        row = self._rows.get(job_id)
        return explained(row, self._rows.values()) if row else None

    async def body(self, job_id: str) -> AsyncIterator[bytes]:
        row = self._rows.get(job_id)
        for piece in row.pieces() if row else ():
            yield piece

    async def find(self, query: JobQuery) -> JobPage:
        return matching(query, [row.job for row in self._rows.values()])

    async def queue(self) -> QueueFigures:
        running = [row.job.id for row in self._running()]
        return QueueFigures(
            due=sum(row.waits for row in self._rows.values()),
            delayed=sum(row.job.is_scheduled for row in self._rows.values()),
            running=len(running),
            running_ids=tuple(running[:IDS_AT_MOST]),
        )

    async def backlog(self, own: Worker | None = None) -> Backlog:
        return self._workforce.backlog(self._batches.eligible(self._rows.values()), own)

    async def counts(self) -> Counts:
        found = dict.fromkeys(Status, 0)
        for row in self._rows.values():
            found[row.job.status] += 1
        return found

    async def stats(self, first_day: int, last_day: int) -> Stats:
        return self._daily.stats((row.job for row in self._rows.values()), first_day, last_day)

    async def batch(self, batch_id: str) -> BatchFigures | None:
        return self._batches.figures(batch_id, self._rows.values())

    async def close(self) -> None:
        """There is nothing to close."""

    def _begin(self) -> None:
        self._now = self._clock.now()

    def _write(self, command: Command) -> Answer:
        if isinstance(command, Bulk):
            return self._reach(command)
        if isinstance(command, Cancel):
            self._cancel([command.job_id])
            return self._rows[command.job_id].job if command.job_id in self._rows else None
        if isinstance(command, Submit):
            return self._submit_once(command)
        if isinstance(command, Redrive):
            return self._redrive(command.job_ids)
        if isinstance(command, BeginAlone):
            self._begin_alone(command)
            return None
        pieces = self._rows[command.job_id].chunks.setdefault(command.fence, {})
        pieces.setdefault(command.seq, command.data)
        return None

    def _begin_alone(self, command: BeginAlone) -> None:
        row = self._rows.get(command.job_id)
        if row is not None and row.job.fence == command.fence and row.job.status is Status.RUNNING:
            row.alone = command.fence

    def _submit_once(self, command: Submit) -> Once | None:
        other = self._keys.other(command.once, now=self._now) if command.once else None
        if other is None:
            self._submit(command)
        return other

    def _reach(self, command: Bulk) -> Reached:
        match command:
            case CancelMany():
                return self._reached(command.job_ids, self._cancel(dict.fromkeys(command.job_ids)))
            case CancelBatch():
                of_batch = (row for row in self._rows.values() if row.job.batch_id == command.batch_id)
                found = sorted((row.job for row in of_batch), key=lambda job: job.created_at)
                open_ones = [job.id for job in found if not job.status.is_final]
                return Reached(job_ids=self._cancel(open_ones[: command.limit]))
            case ClearQueue():
                return Reached(job_ids=self._cancel(self._queued()[: command.limit]))
            case DeleteMany():
                return self._reached(command.job_ids, self._delete(command))

    def _reached(self, asked: Iterable[str], done: Sequence[str]) -> Reached:
        left = [job_id for job_id in dict.fromkeys(asked) if job_id not in done]
        known = {job_id: self._rows[job_id].job.status for job_id in left if job_id in self._rows}
        return Reached(job_ids=tuple(done), passed_over={job_id: known.get(job_id) for job_id in left})

    def _queued(self) -> list[str]:
        due = sorted((row for row in self._rows.values() if row.waits), key=lambda row: (row.job.lane, row.rank))
        scheduled = [row for row in self._rows.values() if row.job.is_scheduled]
        return [row.job.id for row in (*due, *sorted(scheduled, key=lambda row: row.job.due_at or 0.0))]

    def _delete(self, command: DeleteMany) -> tuple[str, ...]:
        if command.force:
            self._cancel(dict.fromkeys(command.job_ids))
        known = [job_id for job_id in dict.fromkeys(command.job_ids) if job_id in self._rows]
        final = tuple(job_id for job_id in known if self._is_final(job_id))
        for job_id in final:
            del self._rows[job_id]
        return final

    def _is_final(self, job_id: str) -> bool:
        return job_id in self._rows and self._rows[job_id].job.status.is_final

    def _submit(self, command: Submit) -> None:
        if command.batch is not None:
            self._batches.keep(command.batch, turn=self._turns.places.reached + 1)
        for job in command.jobs:
            if job.id not in self._rows:
                self._rows[job.id] = Row(job=job, rank=job.rank)
                self._move(self._rows[job.id], job)

    def _cancel(self, job_ids: Iterable[str]) -> tuple[str, ...]:
        """Returns those that were not final."""
        rows = [self._rows[job_id] for job_id in job_ids if job_id in self._rows]
        open_ones = [row for row in rows if not row.job.status.is_final]
        for row in open_ones:
            self._move(row, row.job.cancelled(now=self._now))
            self._ends[ErrorType.CANCELLED] += 1
        return tuple(row.job.id for row in open_ones)

    def _redrive(self, job_ids: Sequence[str]) -> tuple[Job | None, ...]:
        rows = {job_id: self._rows[job_id] for job_id in job_ids if job_id in self._rows}
        before = {job_id: row.job for job_id, row in rows.items()}
        for _, row in sorted(rows.items()):
            if row.job.status.may_start_anew:
                self._move(row, row.redriven(now=self._now))
        return tuple(before.get(job_id) for job_id in job_ids)

    def _settle(self, settlement: Settlement) -> Settled:
        row = self._rows.get(settlement.lease.job_id)
        if row is None:
            return Settled(accepted=False, status=Status.CANCELLED)
        if row.holds(settlement.lease):
            self._move(row, row.settled(settlement, now=self._now))
            if row.page is not None:
                self._daily.answered(row.job, row.page)
        return Settled(accepted=row.was_settled_by(settlement.lease), status=row.job.status, at=self._now)

    def _prune(self, limit: int) -> int:
        if self._result_ttl_s is None:
            return 0
        until = self._clock.now() - self._result_ttl_s
        kept = [(row.job.completed_at or 0.0, row) for row in self._rows.values() if row.page is not None]
        expired = sorted((each for each in kept if each[0] <= until), key=lambda each: each[0])[:limit]
        for _, row in expired:
            row.page = None
        return len(expired)

    def _take_back(self, rows: Sequence[Row], *, lost: bool = False, alone: bool = False) -> int:
        self._begin()
        put_off = 0
        for row in sorted(rows, key=lambda row: row.job.id):
            self._move(row, row.given_back(now=self._now, lost=lost, alone=alone, before=put_off))
            put_off += row.job.is_scheduled
            if row.job.status.is_final and row.job.error_type is not None:
                self._ends[row.job.error_type] += 1
        self._fold()
        return len(rows)

    def _move(self, row: Row, job: Job) -> None:
        if row.job.status is Status.RUNNING and self._batches.is_limited(job):
            self._news.work_came()  # its batch may have been full, and has room now
        if job.status is Status.FAILED and job.batch_id is not None:
            self._failed_in.add(job.batch_id)
        row.job = job
        if row.waits:
            self._turns.enter(job)
            self._news.work_came()
        if job.status.is_final:
            self._news.ended((job.id,))

    def _fold(self) -> None:
        """What failed stops its batch, where that is asked for; a lane without jobs has no turn."""
        stopped, self._failed_in = {each for each in self._failed_in if self._batches.stops(each)}, set()
        queued = [row.job for row in self._rows.values() if row.job.status is Status.QUEUED]
        self._cancel([job.id for job in queued if job.batch_id in stopped])
        self._turns.keep(self._rows.values())
        ends, self._ends = self._ends, Counter()
        self._news.ends_came(ends)

    def _running(self) -> list[Row]:
        return sorted((row for row in self._rows.values() if row.job.status is Status.RUNNING), key=_until)

    def _held(self, leases: Iterable[Lease]) -> Iterator[Row]:
        for lease in leases:
            row = self._rows.get(lease.job_id)
            if row is not None and row.holds(lease):
                yield row

    def _refuse_unstorable(self, commands: Iterable[Command]) -> None:
        known = set(self._rows)
        for command in commands:
            if isinstance(command, Submit):
                dumps([command.jobs, command.batch, command.once])
                known |= {job.id for job in command.jobs}
            elif isinstance(command, DeleteMany):
                known -= {job_id for job_id in command.job_ids if command.force or self._is_final(job_id)}
            elif isinstance(command, KeepChunk) and command.job_id not in known:
                raise RefusedDataError(f"there is no job {command.job_id} to keep a piece of")


def _until(row: Row) -> float:
    return row.job.lease_until or 0.0
