"""How the jobs of some days came out: kept per UTC day of their creation, and per scraper type."""

from dataclasses import dataclass

DAY_S = 86_400


def day_of(epoch_s: float) -> int:
    """Days since the epoch, in UTC; computed as the stores' SQL does."""
    return int(epoch_s / DAY_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of jobs that were not deleted since: as they stand now."""

    created: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    answered: int = 0
    """Pages that ended such a job; also one that was deleted since, or put back."""
    answered_us: int = 0
    """From their requests to their bodies' last bytes, all together."""

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            created=self.created + other.created,
            completed=self.completed + other.completed,
            failed=self.failed + other.failed,
            cancelled=self.cancelled + other.cancelled,
            answered=self.answered + other.answered,
            answered_us=self.answered_us + other.answered_us,
        )

    @property
    def left(self) -> int:
        """Those that are queued or running."""
        return self.created - self.completed - self.failed - self.cancelled

    @property
    def average_s(self) -> float | None:
        return self.answered_us / self.answered / 1_000_000 if self.answered else None

    @property
    def success_percent(self) -> float | None:
        """Of those that completed or failed; a cancel is neither."""
        ended = self.completed + self.failed
        return 100.0 * self.completed / ended if ended else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """Of the jobs of one scraper type that were created in one day."""

    day: int
    scraper_type: str
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """`running` counts those of the days' jobs that run; by day and scraper type."""

    days: tuple[DayFigures, ...]
    running: int
