"""Memory for fetches."""

from engine.jobs.footprint import FLOOR_BYTES
from engine.runtime import Allowance, Credits

BUDGET_BYTES = 1024**3
"""Nobody waits for any of it."""


def an_allowance(size: int = FLOOR_BYTES, *, of: Credits | None = None) -> Allowance:
    """What a fetch begins with."""
    allowance = (of or Credits(BUDGET_BYTES)).offer(size)
    assert allowance is not None
    return allowance
