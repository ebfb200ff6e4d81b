"""How long what is due would take.

Jobs that are scheduled for later, or are running, are no backlog.
"""

from engine.jobs.query import QueueFigures


def backlog_s(figures: QueueFigures, per_second: float | None) -> float | None:
    """None before a rate was measured; infinite when jobs are due and none is settled."""
    if per_second is None:
        return None
    if not figures.due:
        return 0.0
    return figures.due / per_second if per_second else float("inf")
