"""What new jobs bring to their lanes and to the figures: told of many at once, not of each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.jobs.stats import day_of
from engine.jobs.status import Status
from engine.storage.job_rows import NEW_COLUMNS
from engine.storage.tally import SCHEDULED, Cohort, Place

_NAMES = NEW_COLUMNS.split(", ")
TYPE, LANE, RANK, CREATED_AT, DUE_AT = map(_NAMES.index, ("scraper_type", "lane", "rank", "created_at", "due_at"))
"""Places in a new row."""
NewRow = tuple[Any, ...]
_QUEUED: Place = Status.QUEUED.value


class Arrival(NamedTuple):
    """All new jobs of one place and one cohort, by the lane of each."""

    after: Place
    cohort: Cohort
    lanes: Sequence[str]


def arrivals(rows: Sequence[NewRow]) -> list[Arrival]:
    """`rows` of job_rows.NEW_COLUMNS."""
    alike: dict[tuple[Place, int, str], list[str]] = {}
    for row in rows:
        after = _QUEUED if row[DUE_AT] is None else SCHEDULED
        alike.setdefault((after, day_of(row[CREATED_AT]), row[TYPE]), []).append(row[LANE])
    return [Arrival(after, (day, scraper_type), lanes) for (after, day, scraper_type), lanes in alike.items()]


def lowest_ranks(rows: Sequence[NewRow]) -> dict[str, float]:
    """Of each lane to which jobs come that are not scheduled, in the order of their coming."""
    lowest: dict[str, float] = {}
    for row in rows:
        if row[DUE_AT] is None:
            lane, rank = row[LANE], row[RANK]
            if lowest.setdefault(lane, rank) > rank:
                lowest[lane] = rank
    return lowest
