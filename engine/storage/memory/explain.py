"""Where one job's time went, and what goes before it, found by looking at all jobs."""

from collections import Counter
from collections.abc import Iterable

from engine.jobs.query import COUNTED_AT_MOST, Explanation
from engine.jobs.status import Status
from engine.storage.memory.row import Row


def explained(row: Row, rows: Iterable[Row]) -> Explanation:
    """`rows` in the order in which they came."""
    last, total = row.stages or (None, None)
    if row.job.status is not Status.QUEUED:
        return Explanation(job=row.job, last=last, total=total)
    ahead, beside = _before(row, tuple(rows))
    return Explanation(job=row.job, last=last, total=total, ahead=ahead, before=ahead + beside)


def _before(row: Row, rows: tuple[Row, ...]) -> tuple[int, int]:
    """In its own lane, and in the others."""
    own = (row.rank, rows.index(row))
    lane = row.job.lane
    ahead = sum(each.waits and each.job.lane == lane and (each.rank, at) < own for at, each in enumerate(rows))
    ahead = min(ahead, COUNTED_AT_MOST)
    others = Counter(each.job.lane for each in rows if each.waits and each.job.lane != lane)
    return ahead, sum(min(jobs, ahead + 1) for jobs in others.values())
