"""What a transaction changes of the counts and the lanes, folded into a few statements at its end."""

from collections import Counter
from collections.abc import Iterator

from engine.jobs.status import Status

SCHEDULED = "scheduled"
"""A count of its own within the queued: those with a due time, which no lane counts."""
WHOLE = ""
"""The batch_id under which the whole store is counted."""

Place = str
"""A status, or SCHEDULED."""
_IN_LANES = (Status.QUEUED, Status.RUNNING)


class Tally:
    """Moves of jobs from place to place; from nowhere when they are new."""

    def __init__(self) -> None:
        self._moves: Counter[tuple[str, Place | None, Place]] = Counter()

    def moved(self, lane: str, before: Place | None, after: Place, jobs: int = 1) -> None:
        self._moves[lane, before, after] += jobs

    def counts(self) -> list[tuple[str, str, int]]:
        """Rows of (batch_id, status, change)."""
        changes: Counter[tuple[str, str]] = Counter()
        for (lane, before, after), jobs in self._moves.items():
            for batch_id in {WHOLE, lane.partition(" ")[2]}:
                for status in _counted(before):
                    changes[batch_id, status] -= jobs
                for status in _counted(after):
                    changes[batch_id, status] += jobs
        return [(*key, change) for key, change in sorted(changes.items()) if change]

    def lanes(self) -> list[tuple[str, int, int]]:
        """Rows of (lane, change of queued, change of in flight), in the order in which they were met."""
        changes: Counter[tuple[str, Place | None]] = Counter()
        for (lane, before, after), jobs in self._moves.items():
            changes[lane, before] -= jobs
            changes[lane, after] += jobs
        met = dict.fromkeys(lane for (lane, place), change in changes.items() if change and place in _IN_LANES)
        return [(lane, changes[lane, Status.QUEUED], changes[lane, Status.RUNNING]) for lane in met]


def _counted(place: Place | None) -> Iterator[str]:
    if place == SCHEDULED:
        yield Status.QUEUED.value
    if place is not None:
        yield str(place)
