"""How the jobs of some days came out: kept per UTC day of their creation, and per scraper type."""

from dataclasses import dataclass

DAY_S = 86_400


def day_of(epoch_s: float) -> int:
    """Days since the epoch, in UTC; computed as the stores' SQL does."""
    return int(epoch_s / DAY_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """Of the jobs of one scraper type that were created in one day and not deleted since: as they stand now."""

    day: int
    scraper_type: str
    created: int
    completed: int
    failed: int
    cancelled: int
    answered: int
    """Pages that ended such a job; also one that was deleted since, or put back."""
    answered_us: int
    """From their requests to their bodies' last bytes, all together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """`running` counts those of the days' jobs that run; by day and scraper type."""

    days: tuple[DayFigures, ...]
    running: int
