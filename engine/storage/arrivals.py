"""What new jobs bring to their lanes and to the figures: told of many at once, not of each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.jobs.stats import day_of
from engine.jobs.status import Status
from engine.storage.tally import SCHEDULED, Cohort, Place


class Arrival(NamedTuple):
    """So many jobs of one lane and one cohort, and the lowest of their ranks."""

    lane: str
    after: Place
    cohort: Cohort
    jobs: int
    rank: float


def arrivals(rows: Sequence[tuple[Any, ...]]) -> list[Arrival]:
    """`rows` of job_rows.NEW_COLUMNS."""
    ranks: dict[tuple[str, Place, int, str], list[float]] = {}
    for _, scraper_type, *_, lane, rank, created_at, _, due_at in rows:
        after = Status.QUEUED if due_at is None else SCHEDULED
        ranks.setdefault((lane, after, day_of(created_at), scraper_type), []).append(rank)
    return [
        Arrival(lane, after, (day, scraper_type), len(of_these), min(of_these))
        for (lane, after, day, scraper_type), of_these in ranks.items()
    ]
