"""How long a client should wait before it asks again, when the service cannot take more just now."""

from math import ceil

from engine.api.services import Figures

LONGEST_S = 60


def retry_after_s(figures: Figures) -> int:
    """What is fetched at once, at the rate measured: then others are being fetched. 1 while nothing is measured."""
    per_second = figures.per_second()
    if not per_second:
        return 1
    return max(1, min(ceil(figures.max_concurrent_jobs / per_second), LONGEST_S))
