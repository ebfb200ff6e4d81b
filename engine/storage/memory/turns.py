"""Whose turn it is: lanes that have jobs to give, and batches with a parallel limit that have room."""

from collections.abc import Iterable, Mapping, Sequence

from engine.jobs.job import Job
from engine.storage.memory.batches import Batches
from engine.storage.memory.row import Row
from engine.storage.share import allowances, lanes_each

Met = tuple[str, int, str | None]
"""A lane, how many jobs wait in it, and its batch if that is limited."""


class Turns:
    """Of all lanes with jobs that wait or run; the lowest goes first."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._turns: dict[str, float] = {}

    def enter(self, job: Job, *, turn: float) -> None:
        self._turns.setdefault(job.lane, turn)

    def to_the_end(self, job: Job, *, turn: float) -> None:
        self._turns[job.lane] = turn

    def keep(self, lanes: Iterable[str]) -> None:
        """All others have no jobs, and no turn."""
        kept = set(lanes)
        self._turns = {lane: turn for lane, turn in self._turns.items() if lane in kept}

    def next(self, rows: Iterable[Row], room: int, *, turn: float) -> list[list[Row]]:
        """Of the next lanes in turn, who waits and may run, by rank."""
        rows = tuple(rows)
        lanes = self._waiting(rows)
        free = self._batches.with_room(rows, room)
        self._batches.to_the_end(free, turn=turn)
        met = self._met(lanes, free, room)
        allowed = allowances(met, free)
        return [found for lane, queued, _ in met if (found := lanes[lane][: allowed.get(lane, queued)])][:room]

    def _waiting(self, rows: Iterable[Row]) -> dict[str, list[Row]]:
        lanes: dict[str, list[Row]] = {lane: [] for lane in sorted(self._turns, key=self._turns.__getitem__)}
        for row in rows:
            if row.waits:
                lanes[row.job.lane].append(row)
        return {lane: sorted(found, key=lambda row: row.rank) for lane, found in lanes.items() if found}

    def _met(self, lanes: Mapping[str, Sequence[Row]], free: Mapping[str, int], room: int) -> list[Met]:
        """In turn: as many lanes as there is room for, and a few of each batch that has room beside those."""
        places = dict.fromkeys(free, lanes_each(room, len(free)) if free else 0)
        places[""] = room
        found: list[Met] = []
        for lane, rows in lanes.items():
            job = rows[0].job
            batch_id = job.batch_id if self._batches.is_limited(job) else None
            if places.get(batch_id or "", 0):
                places[batch_id or ""] -= 1
                found.append((lane, len(rows), batch_id))
        return found
