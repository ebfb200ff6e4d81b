"""Whose turn it is: lanes that have jobs to give, and batches with a parallel limit that have room."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from engine.jobs.job import Job
from engine.storage.lane import batch_of
from engine.storage.memory.batches import Batches
from engine.storage.memory.row import Row
from engine.storage.places import Places, turns_among_all, turns_of_batches
from engine.storage.share import allowances, lanes_each

Met = tuple[float, str, int, str | None]
"""The turn of a lane, the lane, how many jobs wait in it, and its batch if that is limited."""


class Turns:
    """Of all lanes with jobs that wait or run; the lowest goes first."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._turns: dict[str, float] = {}
        self._entered: dict[str, None] = {}
        self._queued: Mapping[str, int] = {}
        self.places = Places()

    def enter(self, job: Job) -> None:
        """It waits from now on."""
        self._entered[job.lane] = None

    def keep(self, rows: Iterable[Row]) -> None:
        """Last of all: gives turns to lanes where jobs wait that did not before. Lanes without jobs have none."""
        kept = [row for row in rows if row.has_lane]
        lanes = {row.job.lane for row in kept}
        before, self._queued = self._queued, Counter(row.job.lane for row in kept if row.waits)
        entered, self._entered = self._entered, {}
        more = [lane for lane in entered if self._queued[lane] > before.get(lane, 0)]
        for lane, (end, place) in self.places.behind(more).items():
            if not before.get(lane, 0):
                self._open(lane, end + place)
        for lane in more:
            self.places.stands(batch_of(lane), self._turns[lane])
        self._turns = {lane: turn for lane, turn in self._turns.items() if lane in lanes}

    def next(self, rows: Iterable[Row], room: int) -> list[list[Row]]:
        """Of the next lanes in turn, who waits and may run, by rank."""
        rows = tuple(rows)
        lanes = self._waiting(rows)
        free = self._batches.with_room(rows, room)
        begin = {batch_id: max(turn, self.places.reached) for batch_id, (_, turn) in free.items()}
        met = self._met(lanes, begin, room)
        allowed = allowances([(lane, queued, of) for _, lane, queued, of in met], {of: free[of][0] for of in free})
        giving = [each for each in met if allowed.get(each[1], each[2])][:room]
        self._batches.pass_turns(turns_of_batches(begin, (of for *_, of in met), (of for *_, of in giving)))
        if giving:
            self.places.reach(giving[-1][0])
        return [lanes[lane][: allowed.get(lane, queued)] for _, lane, queued, _ in giving]

    def passed(self, taken: Iterable[Row]) -> None:
        """In the order of their lanes' turns."""
        jobs = Counter(row.job.lane for row in taken)
        turns = self.places.passed((lane, self._queued[lane] > count) for lane, count in jobs.items())
        self._turns |= zip(jobs, turns, strict=True)

    def _open(self, lane: str, turn: float) -> None:
        known = self._turns.get(lane, 0)
        self._turns[lane] = min(known, turn) if known > self.places.reached else turn

    def _waiting(self, rows: Iterable[Row]) -> dict[str, list[Row]]:
        lanes: dict[str, list[Row]] = {lane: [] for lane in sorted(self._turns, key=lambda at: (self._turns[at], at))}
        for row in rows:
            if row.waits:
                lanes[row.job.lane].append(row)
        return {lane: sorted(found, key=lambda row: row.rank) for lane, found in lanes.items() if found}

    def _met(self, lanes: Mapping[str, Sequence[Row]], begin: Mapping[str, float], room: int) -> list[Met]:
        """In turn: as many lanes as there is room for, and a few of each batch that has room beside those."""
        places = dict.fromkeys(begin, lanes_each(room, len(begin)) if begin else 0)
        places[""] = room
        found: list[tuple[str, int, str | None]] = []
        for lane, rows in lanes.items():
            job = rows[0].job
            batch_id = job.batch_id if self._batches.is_limited(job) else None
            if places.get(batch_id or "", 0):
                places[batch_id or ""] -= 1
                found.append((lane, len(rows), batch_id))
        turns = turns_among_all([(self._turns[lane], of) for lane, _, of in found], begin)
        return sorted((turn, *each) for turn, each in zip(turns, found, strict=True))
