"""The kept counts as figures."""

from collections.abc import Mapping, Sequence

from engine.jobs.query import Counts, QueueFigures
from engine.jobs.status import Status
from engine.storage.tally import SCHEDULED

IDS_AT_MOST = 1000


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
