"""The kept counts as figures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.jobs.query import Counts, QueueFigures
from engine.jobs.stats import DayFigures, Figures, Stats
from engine.jobs.status import Status
from engine.storage.tally import SCHEDULED

IDS_AT_MOST = 1000
LANES_AT_MOST = 10_000
"""So many are looked at, to add up what they have to give; and so many batches."""


def per_status(n: Mapping[str, int]) -> Counts:
    return {status: n.get(status, 0) for status in Status}


def queue_figures(n: Mapping[str, int], running_ids: Sequence[str]) -> QueueFigures:
    delayed = n.get(SCHEDULED, 0)
    return QueueFigures(
        due=n.get(Status.QUEUED, 0) - delayed,
        delayed=delayed,
        running=n.get(Status.RUNNING, 0),
        running_ids=tuple(running_ids),
    )


def eligible_of(lanes: int, queued: int | None, limited: int | None, n: Mapping[str, int]) -> int:
    """Of so many open lanes, what waits in them and what batches with a limit have room for; `n` is of the store.

    Where not all lanes were looked at, it is all that is due.
    """
    if lanes >= LANES_AT_MOST:
        return n.get(Status.QUEUED, 0) - n.get(SCHEDULED, 0)
    return (queued or 0) + (limited or 0)


def stats_of(days: Iterable[list[Any]], running: int) -> Stats:
    return Stats(days=tuple(_day_figures(*row) for row in sorted(days)), running=running)


def _day_figures(day: int, scraper_type: str, *counted: int) -> DayFigures:
    created, completed, failed, cancelled, answered, answered_us = counted
    figures = Figures(
        created=created,
        completed=completed,
        failed=failed,
        cancelled=cancelled,
        answered=answered,
        answered_us=answered_us,
    )
    return DayFigures(day=day, scraper_type=scraper_type, figures=figures)
