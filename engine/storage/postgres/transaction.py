"""One write of the store, all or nothing: what is asked of the server in it, and what will have moved.

Rows are locked in one order by all: jobs by id, then batches, then lanes, the new ones before those that were there;
who takes jobs without an order skips those that somebody has. Each connection counts in a slot of its own.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import inf
from typing import Any

from asyncpg import Connection, Record

from engine.jobs.outcome import ErrorType
from engine.jobs.status import FINAL, Status
from engine.storage.arrivals import NewRow, arrivals, lowest_ranks
from engine.storage.lane import batch_of
from engine.storage.places import PER_SECOND
from engine.storage.postgres.arrays import columns, told
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.daily import DAILY
from engine.storage.postgres.front import Front
from engine.storage.postgres.lanes import EMPTY_LANES, ENTERED, LANES, TWICE, OvertakenError
from engine.storage.tally import Cohort, Place, Tally, of_batches

COUNTS = """
    INSERT INTO counts (batch_id, status, slot, n)
    SELECT batch_id, status, pg_backend_pid() % 64, n
    FROM unnest($1::text[], $2::text[], $3::text::int[]) AS v (batch_id, status, n)
    ON CONFLICT (batch_id, status, slot) DO UPDATE SET n = counts.n + excluded.n
"""
FIGURES = f"WITH counted AS ({COUNTS}) {DAILY}"
BATCHES = """
    UPDATE batches SET queued = batches.queued + v.queued, in_flight = batches.in_flight + v.in_flight,
        turn = CASE WHEN batches.queued > 0 AND batches.in_flight < parallel_limit THEN turn ELSE greatest(turn, $1) END
    FROM unnest($2::text[], $3::text::int[], $4::text::int[]) AS v (id, queued, in_flight) WHERE batches.id = v.id
"""
"""One that had no room, or nothing to give, has no credit for that."""
OVERTAKEN_AT_MOST = 5
"""How often lanes are tried again that somebody else makes or removes meanwhile."""
Lane = tuple[str, int, int, str | None]
"""Its name, what changes of queued and in flight, its batch if limited."""


class Transaction:
    """`now` is what was known of the server's time at its beginning, or what was heard of it since.

    `is_again`: was all of it tried before, so that it may be committed already?
    """

    def __init__(
        self, connection: "Connection[Record]", clock: ServerClock, front: Front, *, is_again: bool = False
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._tally = Tally()
        self._lowest: dict[str, float | None] = {}
        self.now = clock.now()
        self.front = front
        self.is_again = is_again
        self.has_work = False
        self.ended: list[str] = []
        self.ends: Counter[ErrorType] = Counter()
        """Of those, what came to no outcome."""
        self.aborted: list[str] = []
        """Jobs that were cancelled while they ran."""
        self.due_at = inf
        """When the first of the jobs is due that it scheduled or found so."""
        self.has_scheduled = False
        self.failed_in: set[str] = set()
        """Batches of which a job has failed."""

    async def look(self) -> None:
        self.now = await self._clock.look(self._connection)

    async def rows_and_time(self, text: str, *values: Any) -> list[Record]:
        """Each row of it ends with the server's time."""
        asked_at = self._clock.monotonic()
        rows = await self._connection.fetch(text, *values)
        if rows:
            self.now = self._clock.heard(rows[0][-1], asked_at, self._clock.monotonic())
        return rows

    async def rows(self, text: str, *values: Any) -> list[Record]:
        return await self._connection.fetch(text, *values)

    async def run(self, text: str, *values: Any) -> int:
        """The number of rows it changed."""
        status: str = await self._connection.execute(text, *values)
        return int(status.rpartition(" ")[2])

    async def write(self, text: str, rows: Iterable[Sequence[Any]], *before: Any) -> None:
        """One statement for all rows, each of its arrays a column of them; none if there are no rows."""
        if arrays := columns(rows):
            await self._connection.execute(text, *before, *arrays)

    async def each(self, text: str, rows: Iterable[Sequence[Any]]) -> None:
        """A statement a row: for few and large ones."""
        await self._connection.executemany(text, rows)

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """New rows, faster than a statement writes them."""
        if rows:
            await self._connection.copy_records_to_table(table, columns=columns, records=rows)

    def moved(
        self,
        job_id: str,
        lane: str,
        before: Place | None,
        after: Place | None,
        cohort: Cohort | None = None,
        *,
        rank: float | None = None,
    ) -> None:
        """`rank` where it is known; a job that comes with none may stand anywhere in its lane."""
        self._tally.moved(lane, before, after, cohort)
        if after == Status.QUEUED:
            self._queued(lane, rank)
        elif after in FINAL:
            self.ended.append(job_id)
            if after == Status.CANCELLED and before == Status.RUNNING:
                self.aborted.append(job_id)
            if after == Status.FAILED and (batch_id := batch_of(lane)):
                self.failed_in.add(batch_id)

    def settled(self, after: Place, cohort: Cohort, job_ids: Sequence[str], lanes: Sequence[str]) -> None:
        """Jobs that ran, to an end or until a due time: the ids and the lane of each."""
        self._tally.moved_alike(Status.RUNNING, after, cohort, lanes)
        if after in FINAL:
            self.ended += job_ids
        if after == Status.FAILED:
            self.failed_in.update(filter(None, map(batch_of, lanes)))

    def came(self, rows: Sequence[NewRow]) -> None:
        """`rows` of job_rows.NEW_COLUMNS, which are written."""
        for arrival in arrivals(rows):
            self._tally.moved_alike(None, *arrival)
        for lane, rank in lowest_ranks(rows).items():
            self._queued(lane, rank)

    def answered(self, cohort: Cohort, elapsed_s: Sequence[float]) -> None:
        self._tally.answered(cohort, elapsed_s)

    def scheduled(self, due_at: float) -> None:
        self.found_scheduled(due_at)
        self.has_scheduled = True

    def found_scheduled(self, due_at: float) -> None:
        """By somebody before."""
        self.due_at = min(self.due_at, due_at)

    async def fold(self) -> None:
        """Last of all: brings the counts, the days, the batches and the lanes up to what moved since the last time."""
        tally, self._tally = self._tally, Tally()
        lanes = tally.lanes()
        await self._fold_batches(of_batches(lanes))
        await self._fold_lanes(lanes)
        await self._fold_figures(tally.counts(), tally.days())

    async def _fold_batches(self, batches: list[tuple[str, int, int]]) -> None:
        await self.write(BATCHES, batches, self.front.places.reached)
        self.has_work |= any(in_flight < 0 for *_, in_flight in batches)  # a full one may have room now

    async def _fold_lanes(self, lanes: list[Lane]) -> None:
        lowest, self._lowest = self._lowest, {}
        if not lanes:
            return
        empty, left = await self._enter(lanes, lowest) if lowest else await self._change(lanes)
        for _ in range(OVERTAKEN_AT_MOST):
            if not left:
                break
            also, left = await self._enter(left, lowest)
            empty += also
        if left:
            raise OvertakenError
        if empty:
            await self.run(EMPTY_LANES, empty)

    async def _change(self, lanes: Iterable[Lane]) -> tuple[list[str], list[Lane]]:
        """Returns those that are empty, and those that were not there."""
        names, queued, in_flight, _ = zip(*sorted(lanes), strict=True)
        ((empty, missed),) = await self.rows(LANES, told(names), told(queued), told(in_flight))
        return empty, _those(missed, lanes)

    async def _enter(self, lanes: Sequence[Lane], lowest: Mapping[str, float | None]) -> tuple[list[str], list[Lane]]:
        """Places are in the order in which jobs came to the lanes. Returns the empty ones, and those left to do."""
        front = self.front
        places = front.places.behind(lowest)
        rows = [(*row, *places.get(row[0], (0, 0)), lowest.get(row[0]), int(row[0] in lowest)) for row in lanes]
        names, queued, in_flight, limited, ending, place, head, entered = columns(sorted(rows))
        ((first, turn, batch_ids, last, empty, new, missed),) = await self.rows(
            ENTERED, *self.reached(), told(names), queued, in_flight, place, entered, limited, ending, head
        )
        holds_others = 0 < len(missed) < len(lanes)  # to wait for the missed ones then is what deadlocks are made of
        if holds_others or (new and (await self.rows(TWICE, new))[0][0]):
            raise OvertakenError
        front.saw(first, self.now)
        front.places.reach(turn)
        for batch_id, ends in zip(batch_ids, last, strict=True):
            front.places.stands(batch_id, float(ends))
        return empty, _those(missed, lanes)

    def reached(self) -> tuple[float, float, float]:
        """What REACHED is told."""
        return self.front.places.reached, self.front.begins_at, self.now * PER_SECOND

    async def _fold_figures(self, counts: list[tuple[str, str, int]], days: list[tuple[object, ...]]) -> None:
        if not days:
            await self.write(COUNTS, counts)
            return
        await self.write(FIGURES, days, *(columns(counts) or [None] * 3))

    def _queued(self, lane: str, rank: float | None) -> None:
        self.has_work = True
        lowest = self._lowest.setdefault(lane, rank)
        self._lowest[lane] = None if rank is None or lowest is None else min(rank, lowest)


def _those(names: Collection[str], lanes: Iterable[Lane]) -> list[Lane]:
    return [row for row in lanes if row[0] in names] if names else []
