"""One write of the store, all or nothing: what is asked of the database in it, and what will have moved."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson

from engine.jobs.outcome import ErrorType
from engine.jobs.status import FINAL, Status
from engine.storage.arrivals import NewRow, arrivals, lowest_ranks
from engine.storage.codec import dumps
from engine.storage.lane import batch_of
from engine.storage.places import Places
from engine.storage.sqlite.daily import DAILY
from engine.storage.sqlite.many_rows import HEAVY_BYTES, ManyRows
from engine.storage.tally import Cohort, Place, Tally, of_batches

COUNTS = ManyRows(
    text="INSERT INTO counts (batch_id, status, n) VALUES {rows} "
    "ON CONFLICT (batch_id, status, slot) DO UPDATE SET n = n + excluded.n",
    width=3,
)
_COUNTED = (
    "INSERT INTO lanes (lane, queued, in_flight, batch_id, turn) VALUES {rows} "
    "ON CONFLICT (lane) DO UPDATE SET queued = queued + excluded.queued, in_flight = in_flight + excluded.in_flight"
)
LANES = ManyRows(text=_COUNTED, width=4, tail=", 0")
ENTERED = ManyRows(
    text=f"WITH claims (reached) AS (VALUES (?)) {_COUNTED}, turn = CASE WHEN queued > 0 THEN turn "  # noqa: S608 - constants
    "WHEN turn > (SELECT reached FROM claims) THEN min(turn, excluded.turn) ELSE excluded.turn END "
    "RETURNING lane, CAST(turn AS INTEGER)",
    width=5,
)
"""Lanes to which jobs come. One where some wait keeps its turn; an empty one, too, if it is still to come."""
BATCHES = ManyRows(
    text="UPDATE batches SET queued = queued + v.column2, in_flight = in_flight + v.column3 "
    "FROM (VALUES {rows}) AS v WHERE id = v.column1",
    width=3,
)
UNBINDABLE = object()
EMPTY_LANES = "DELETE FROM lanes WHERE lane IN (SELECT value FROM json_each(?)) AND queued = 0 AND in_flight = 0"


class Transaction:
    """`now` is the store's time at its beginning."""

    def __init__(self, connection: sqlite3.Connection, *, now: float, places: Places) -> None:
        self._connection = connection
        self._tally = Tally()
        self._entered: dict[str, None] = {}
        self.now = now
        self.places = places
        self.has_work = False
        self.ended: list[str] = []
        self.ends: Counter[ErrorType] = Counter()
        """Of those, what came to no outcome."""
        self.failed_in: set[str] = set()
        """Batches of which a job has failed."""

    def begin_again(self) -> None:
        """Undoes what was written; not what moved."""
        self._connection.execute("ROLLBACK")
        self._connection.execute("BEGIN IMMEDIATE")

    def rows(self, text: str, *values: Any) -> list[Any]:
        return self._connection.execute(text, values).fetchall()

    def parsed(self, text: str, *values: Any) -> Any:
        """The one JSON value that the statement selects: many rows in one step."""
        ((found,),) = self.rows(text, *values)
        return orjson.loads(found)

    def run(self, text: str, *values: Any) -> int:
        """The number of rows it changed. After an error nothing more may be asked: all may be undone by then."""
        return self._connection.execute(text, values).rowcount

    def write(self, form: ManyRows, rows: Sequence[Sequence[Any]], *before: Any) -> int:
        """The number of rows it changed."""
        changed = 0
        for text, values, is_heavy in form.steps(rows, *before):
            changed += self._connection.execute(text, values).rowcount
            if is_heavy:
                self._let_go(text, len(values))
        return changed

    def write_each(self, text: str, rows: Sequence[Sequence[Any]], *, large: Sequence[int]) -> None:
        """One row at a time: of large values, at the places `large`, many rows would be copied at once.

        Who made the rows has looked for U+0000 in their texts.
        """
        if not rows:
            return
        self._connection.executemany(text, rows)
        if sum(len(value) for place in large if (value := rows[-1][place]) is not None) > HEAVY_BYTES:
            self._let_go(text, len(rows[-1]))

    def _let_go(self, text: str, values: int) -> None:
        """A prepared statement keeps copies of its values until it gets others.

        It gets nothing, and at last something that cannot be bound, so that it is not done again.
        """
        with suppress(sqlite3.ProgrammingError):
            self._connection.execute(text, [*[None] * (values - 1), UNBINDABLE])

    def moved(
        self, job_id: str, lane: str, before: Place | None, after: Place | None, cohort: Cohort | None = None
    ) -> None:
        self.moved_together((job_id,), lane, before, after, cohort)

    def moved_together(
        self, job_ids: Sequence[str], lane: str, before: Place | None, after: Place | None, cohort: Cohort | None
    ) -> None:
        """Of one lane and one cohort."""
        self._tally.moved(lane, before, after, cohort, len(job_ids))
        if after == Status.QUEUED:
            self._queued(lane)
        elif after in FINAL:
            self.ended += job_ids
            if after == Status.FAILED and (batch_id := batch_of(lane)):
                self.failed_in.add(batch_id)

    def came(self, rows: Sequence[NewRow]) -> None:
        """`rows` of job_rows.NEW_COLUMNS, which are written."""
        for arrival in arrivals(rows):
            self._tally.moved_alike(None, *arrival)
        for lane in lowest_ranks(rows):
            self._queued(lane)

    def claimed(self, lane: str, jobs: int) -> None:
        self._tally.moved(lane, Status.QUEUED, Status.RUNNING, jobs=jobs)

    def answered(self, cohort: Cohort, elapsed_s: Sequence[float]) -> None:
        self._tally.answered(cohort, elapsed_s)

    def fold(self) -> None:
        """Last of all: brings the counts, the days, the lanes and the batches up to what moved since the last time."""
        tally, self._tally = self._tally, Tally()
        self.write(COUNTS, tally.counts())
        self.write(DAILY, tally.days())
        lanes = tally.lanes()
        self._enter({row[0]: row for row in lanes if row[1] > 0})
        self.write(LANES, [row for row in lanes if row[1] <= 0])
        if leaving := [lane for lane, queued, in_flight, _ in lanes if queued + in_flight < 0]:
            self.run(EMPTY_LANES, dumps(leaving))
        if batches := of_batches(lanes):
            self.write(BATCHES, batches)
            self.has_work |= any(in_flight < 0 for *_, in_flight in batches)  # a full one may have room now

    def _queued(self, lane: str) -> None:
        self.has_work = True
        self._entered[lane] = None

    def _enter(self, rows: Mapping[str, tuple[Any, ...]]) -> None:
        """In the order in which jobs came to the lanes."""
        entered, self._entered = self._entered, {}
        places = self.places.behind(lane for lane in entered if lane in rows)
        written = [(*rows[lane], end + place) for lane, (end, place) in places.items()]
        for text, values, _ in ENTERED.steps(written, self.places.reached):
            for lane, turn in self._connection.execute(text, values).fetchall():
                self.places.stands(batch_of(lane), turn)
