"""What a transaction changes of the counts and the lanes, folded into a few statements at its end."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.jobs.status import FINAL, Status
from engine.storage.lane import batch_of, limited_batch_of

SCHEDULED = "scheduled"
"""A count of its own within the queued: those with a due time, which no lane counts."""
WHOLE = ""
"""The batch_id under which the whole store is counted."""

Place = str
"""A status, or SCHEDULED."""
Cohort = tuple[int, str]
"""The day of a job's creation, and its scraper type: under what the daily figures count it."""
_STILL = (0, 0)
_IN_LANE: Mapping[Place | None, tuple[int, int]] = {Status.QUEUED: (1, 0), Status.RUNNING: (0, 1)}
"""What a job counts in its lane, of queued and of in flight."""
_ENDS = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


class Tally:
    """Moves of jobs from place to place; from nowhere when they are new, to nowhere when they are deleted."""

    def __init__(self) -> None:
        self._moves: defaultdict[tuple[Place | None, Place | None, Cohort | None], Counter[str]] = defaultdict(Counter)
        """Of each kind how many in which lane: there are few kinds, and many lanes."""
        self._answers: dict[Cohort, tuple[int, int]] = {}

    def moved(
        self, lane: str, before: Place | None, after: Place | None, cohort: Cohort | None = None, jobs: int = 1
    ) -> None:
        """The cohort must be told of what comes, goes, ends or starts anew."""
        alike = self._moves[before, after, cohort]
        alike[lane] = alike.get(lane, 0) + jobs

    def moved_alike(self, before: Place | None, after: Place, cohort: Cohort, lanes: Iterable[str]) -> None:
        """A job of each of the lanes."""
        self._moves[before, after, cohort].update(lanes)

    def answered(self, cohort: Cohort, elapsed_s: Sequence[float]) -> None:
        """Pages ended jobs, each after so long."""
        pages, took_us = self._answers.get(cohort, (0, 0))
        more_us = sum([round(each * 1_000_000) for each in elapsed_s])
        self._answers[cohort] = (pages + len(elapsed_s), took_us + more_us)

    def counts(self) -> list[tuple[str, str, int]]:
        """Rows of (batch_id, status, change)."""
        changes: Counter[tuple[str, str]] = Counter()
        for (before, after, _), lanes in self._moves.items():
            for batch_id, jobs in _of_batches(lanes).items():
                for status in _counted(before):
                    changes[batch_id, status] -= jobs
                for status in _counted(after):
                    changes[batch_id, status] += jobs
        return [(*key, change) for key, change in sorted(changes.items()) if change]

    def lanes(self) -> list[tuple[str, int, int, str | None]]:
        """Rows of (lane, change of queued, change of in flight, its batch if limited), as they were met."""
        changes: dict[str, tuple[int, int]] = {}
        for (before, after, _), lanes in self._moves.items():
            left, come = _IN_LANE.get(before, _STILL), _IN_LANE.get(after, _STILL)
            of_one = (come[0] - left[0], come[1] - left[1])
            for lane, jobs in lanes.items():
                queued, in_flight = changes.get(lane, _STILL)
                changes[lane] = (queued + jobs * of_one[0], in_flight + jobs * of_one[1])
        return [(lane, *change, limited_batch_of(lane)) for lane, change in changes.items() if change != _STILL]

    def days(self) -> list[tuple[object, ...]]:
        """Rows of (day, scraper type, changes of created, completed, failed, cancelled, answered, answered_us)."""
        changes: Counter[tuple[Cohort, Place | None]] = Counter()
        for (before, after, cohort), lanes in self._moves.items():
            if cohort is not None:
                jobs = sum(lanes.values())
                changes[cohort, before] -= jobs
                changes[cohort, after] += jobs
        met = {cohort for (cohort, place), change in changes.items() if change and (place is None or place in FINAL)}
        return [
            (
                *cohort,
                -changes[cohort, None],
                *(changes[cohort, end] for end in _ENDS),
                *self._answers.get(cohort, (0, 0)),
            )
            for cohort in sorted(met | self._answers.keys())
        ]


def of_batches(lanes: Iterable[tuple[str, int, int, str | None]]) -> list[tuple[str, int, int]]:
    """What rows of lanes change of limited batches: rows of (batch_id, change of queued, change of in flight)."""
    changes: dict[str, tuple[int, int]] = {}
    for _, queued, in_flight, batch_id in lanes:
        if batch_id is not None:
            before = changes.get(batch_id, (0, 0))
            changes[batch_id] = (before[0] + queued, before[1] + in_flight)
    return [(batch_id, *change) for batch_id, change in sorted(changes.items())]


def _of_batches(lanes: Mapping[str, int]) -> dict[str, int]:
    """Their jobs by batch, and those of all."""
    jobs = {WHOLE: sum(lanes.values())}
    for lane, of_lane in lanes.items():
        if batch_id := batch_of(lane):
            jobs[batch_id] = jobs.get(batch_id, 0) + of_lane
    return jobs


def _counted(place: Place | None) -> Iterator[str]:
    if place == SCHEDULED:
        yield Status.QUEUED.value
    if place is not None:
        yield str(place)
