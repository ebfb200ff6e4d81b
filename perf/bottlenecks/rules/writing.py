"""What writing takes: how many outcomes a transaction holds, and how much of the time one is under way."""

from perf.bottlenecks.evidence import Evidence

SETTLE = "settle"
BY_PERSISTER = ("settle", "commit")


def pages_a_settle(evidence: Evidence) -> float:
    """0 where nothing was settled."""
    settles = evidence.query(SETTLE).count
    return evidence.pages / settles if settles else 0.0


def writing_part(evidence: Evidence) -> float:
    """Of the persister's time."""
    return min(evidence.busy_part(*BY_PERSISTER), 1.0)
