"""One write of the store, all or nothing: what is asked of the server in it, and what will have moved.

Rows are locked in one order by all: jobs by id, then batches, then lanes; who takes jobs without an order skips those
that somebody has. Each connection counts in a slot of its own.
"""

from collections.abc import Iterable, Sequence
from math import inf
from typing import Any

from asyncpg import Connection, Record

from engine.jobs.status import FINAL, Status
from engine.storage.arrivals import Arrival
from engine.storage.lane import batch_of
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.daily import DAILY
from engine.storage.tally import Cohort, Place, Tally, of_batches

COUNTS = """
    INSERT INTO counts (batch_id, status, slot, n)
    SELECT batch_id, status, pg_backend_pid() % 64, n
    FROM unnest($1::text[], $2::text[], $3::int[]) AS v (batch_id, status, n)
    ON CONFLICT (batch_id, status, slot) DO UPDATE SET n = counts.n + excluded.n
"""
FIGURES = f"WITH counted AS ({COUNTS}) {DAILY}"
LANES = """
    WITH moved AS (
        INSERT INTO lanes (lane, queued, in_flight, batch_id, turn, head, entered)
        SELECT * FROM unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::float8[], $6::float8[], $7::int[])
        ON CONFLICT (lane) DO UPDATE SET queued = lanes.queued + excluded.queued,
            in_flight = lanes.in_flight + excluded.in_flight, entered = lanes.entered + excluded.entered,
            turn = CASE WHEN lanes.queued = 0 THEN excluded.turn ELSE lanes.turn END,
            head = CASE WHEN excluded.entered = 0 THEN lanes.head
                WHEN lanes.head IS NOT NULL AND excluded.head IS NOT NULL THEN least(lanes.head, excluded.head) END
        RETURNING lane, queued + in_flight AS jobs
    )
    SELECT lane FROM moved WHERE jobs = 0
"""
"""Says which are empty. One that nobody could claim from comes behind those that wait: see front.py."""
BATCHES = """
    UPDATE batches SET queued = batches.queued + v.queued, in_flight = batches.in_flight + v.in_flight
    FROM unnest($1::text[], $2::int[], $3::int[]) AS v (id, queued, in_flight) WHERE batches.id = v.id
"""
EMPTY_LANES = "DELETE FROM lanes WHERE lane = ANY($1::text[]) AND queued = 0 AND in_flight = 0"


class Transaction:
    """`now` is what was known of the server's time at its beginning, or what was heard of it since.

    `turn` and `turns` give the same, but never the same twice.
    """

    def __init__(self, connection: "Connection[Record]", clock: ServerClock) -> None:
        self._connection = connection
        self._clock = clock
        self._tally = Tally()
        self._lowest: dict[str, float | None] = {}
        self.now = clock.now()
        self.turn = clock.turn
        self.turns = clock.turns
        self.has_work = False
        self.ended: list[str] = []
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

    def came(self, arrival: Arrival) -> None:
        self._tally.moved(arrival.lane, None, arrival.after, arrival.cohort, arrival.jobs)
        if arrival.after == Status.QUEUED:
            self._queued(arrival.lane, arrival.rank)

    def answered(self, cohort: Cohort, elapsed_s: float) -> None:
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
        await self.write(BATCHES, batches)
        self.has_work |= any(in_flight < 0 for *_, in_flight in batches)  # a full one may have room now

    async def _fold_lanes(self, lanes: list[tuple[str, int, int, str | None]]) -> None:
        lowest, self._lowest = self._lowest, {}
        rows = [(*lane, self.turn(), lowest.get(lane[0]), int(lane[0] in lowest)) for lane in lanes]
        if rows and (empty := await self.rows(LANES, *columns(sorted(rows)))):
            await self.run(EMPTY_LANES, [lane for (lane,) in empty])

    async def _fold_figures(self, counts: list[tuple[str, str, int]], days: list[tuple[object, ...]]) -> None:
        if not days:
            await self.write(COUNTS, counts)
            return
        await self.write(FIGURES, days, *(columns(counts) or [(), (), ()]))

    def _queued(self, lane: str, rank: float | None) -> None:
        self.has_work = True
        lowest = self._lowest.setdefault(lane, rank)
        self._lowest[lane] = None if rank is None or lowest is None else min(rank, lowest)


def columns(rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """Arrays for unnest. One of nulls alone is sent empty, which it fills with nulls: each costs the driver."""
    arrays = zip(*rows, strict=True)
    return [() if array[0] is None and array.count(None) == len(array) else array for array in arrays]
