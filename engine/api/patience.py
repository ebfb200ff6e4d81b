"""How long a client should wait before it asks again, when the service cannot take more just now."""

from math import ceil

from engine.api.services import Figures

LONGEST_S = 60


def retry_after_s(figures: Figures) -> int:
    """About as long as what is being fetched now takes at the measured rate; 1 while none is measured."""
    per_second = figures.per_second()
    if not per_second:
        return 1
    return max(1, min(ceil(figures.max_concurrent_jobs / per_second), LONGEST_S))
