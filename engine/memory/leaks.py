"""Finds memory that grows with nothing but work and time, by its trend and not by how much there is of it.

It speaks up only where a whole window under a like load rises, each half of it by itself, and the floor under it: a
cache that fills, a step of the load and garbage that is collected in the end do not. What the process knows that it
holds is left out.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from engine.memory.trend import Trend, trend

MEBIBYTE = 1024 * 1024
BUCKET_S = 10.0
"""Of the samples of so long the least counts: what is in hand for a moment is none of a trend."""
WARM_UP_S = 120.0
"""After its start a process grows by what it loads and opens."""
BUCKETS = 36
"""Of a window: six minutes."""
LIKE = 1.5
"""How much more pages may be settled in one quarter of a window than in another."""
IDLE_PAGES = 100
"""A window in which fewer are settled has no load to compare."""
EVEN = 0.6
"""What the slower half of a window does of the rate of the faster, at least, for what fills up comes to rest; and each
third of it of what the trend says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look at the process."""

    at: float
    """Seconds on a clock that only rises."""
    rss_bytes: int
    held_bytes: int
    """Of these, what the process knows that it holds, and bounds: its caches."""
    blocks: int
    """Small objects that Python holds memory for."""
    pages: int
    """Settled since the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """Growth that is worth a word: a rate, by work or by time, and as much in the window."""

    per_1000_pages: float
    per_hour: float
    grown: float


BYTES = Least(per_1000_pages=MEBIBYTE / 4, per_hour=48 * MEBIBYTE, grown=3 * MEBIBYTE)
OBJECTS = Least(per_1000_pages=500, per_hour=100_000, grown=5_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """What grows: bytes, or objects within memory that was the process's already."""

    kind: str
    trend: Trend
    """A second."""
    window_s: float
    pages: int
    """Settled in the window."""

    @property
    def per_hour(self) -> float:
        return self.trend.slope * 3600

    @property
    def per_1000_pages(self) -> float:
        """Infinite while no page was settled."""
        return self._of_pages(self.trend.slope)

    def report(self) -> dict[str, float | int | str | None]:
        """For the log; the bounds hold with 95 %."""
        shown = {name: round(self._of_pages(slope)) if self.pages else None for name, slope in self._slopes().items()}
        return {
            "what": self.kind,
            "per_hour": round(self.per_hour),
            "per_1000_pages": shown["slope"],
            "least_per_1000_pages": shown["low"],
            "most_per_1000_pages": shown["high"],
            "least_per_hour": round(self.trend.low * 3600),
            "most_per_hour": round(self.trend.high * 3600),
            "window_s": round(self.window_s),
            "pages": self.pages,
        }

    def _slopes(self) -> dict[str, float]:
        return {"slope": self.trend.slope, "low": self.trend.low, "high": self.trend.high}

    def _of_pages(self, slope: float) -> float:
        return slope * self.window_s / self.pages * 1000 if self.pages else inf


class Detector:
    """Is shown samples in the order of time; keeps a bucket each ten seconds of one window."""

    def __init__(self) -> None:
        self._began_at: float | None = None
        self._bucket: list[Sample] = []
        self._window: deque[Sample] = deque(maxlen=BUCKETS)

    def judge(self, sample: Sample) -> Leak | None:
        """A leak when a window has just shown one; then not before another whole window has."""
        if self._began_at is None:
            self._began_at = sample.at
        if self._bucket and sample.at - self._bucket[0].at >= BUCKET_S:
            self._close_bucket()
        self._bucket.append(sample)
        if len(self._bucket) > 1 or len(self._window) < BUCKETS:
            return None
        leak = leak_in(self._window)
        if leak is not None:
            self._window.clear()
        return leak

    def _close_bucket(self) -> None:
        bucket, self._bucket = self._bucket, []
        if self._began_at is not None and bucket[0].at - self._began_at >= WARM_UP_S:
            self._window.append(_least_of(bucket))


def leak_in(window: Sequence[Sample]) -> Leak | None:
    """By bytes; else by objects, as long as nothing known holds more and more of them."""
    samples = tuple(window)
    if not _is_like(samples):
        return None
    if leak := _grown(samples, "bytes", lambda each: each.rss_bytes - each.held_bytes, BYTES):
        return leak
    held = [each.held_bytes for each in samples]
    return _grown(samples, "objects", lambda each: each.blocks, OBJECTS) if max(held) - held[0] < MEBIBYTE else None


def _grown(samples: Sequence[Sample], kind: str, height: Callable[[Sample], float], least: Least) -> Leak | None:
    """It must be large, and rise for certain: in all, in each half at about the same rate, and from its floor."""
    points = [(each.at, height(each)) for each in samples]
    whole, middle = trend(points), len(points) // 2
    halves = trend(points[:middle]), trend(points[middle:])
    leak = Leak(
        kind=kind,
        trend=whole,
        window_s=samples[-1].at - samples[0].at,
        pages=samples[-1].pages - samples[0].pages,
    )
    slower, faster = sorted(each.slope for each in halves)
    is_steady = min(each.low for each in (whole, *halves)) > 0 and slower >= EVEN * faster
    return leak if is_steady and _is_large(leak, least) and _has_rising_floor(leak, points) else None


def _has_rising_floor(leak: Leak, points: Sequence[tuple[float, float]]) -> bool:
    """From third to third by what the trend says; of garbage that comes and goes within a third, the floor stays."""
    third = len(points) // 3
    floors = [min(height for _, height in points[at : at + third]) for at in range(0, 3 * third, third)]
    return min(later - earlier for earlier, later in pairwise(floors)) >= EVEN * leak.trend.slope * leak.window_s / 3


def _is_large(leak: Leak, least: Least) -> bool:
    by_work = leak.pages >= IDLE_PAGES and leak.per_1000_pages >= least.per_1000_pages
    is_fast = by_work or leak.per_hour >= least.per_hour
    return is_fast and leak.trend.slope * leak.window_s >= least.grown


def _is_like(samples: Sequence[Sample]) -> bool:
    """Is the load of the four quarters much the same?"""
    quarter = len(samples) // 4
    marks = [samples[0], *(samples[number * quarter - 1] for number in (1, 2, 3, 4))]
    if marks[-1].pages - marks[0].pages < IDLE_PAGES:
        return True
    rates = [(later.pages - earlier.pages) / (later.at - earlier.at) for earlier, later in pairwise(marks)]
    return max(rates) <= LIKE * min(rates)


def _least_of(bucket: Sequence[Sample]) -> Sample:
    """At the bucket's end, with the least that was in use within it."""
    last = bucket[-1]
    lowest = min(bucket, key=lambda each: each.rss_bytes - each.held_bytes)
    return Sample(
        at=last.at,
        rss_bytes=lowest.rss_bytes,
        held_bytes=lowest.held_bytes,
        blocks=min(each.blocks for each in bucket),
        pages=last.pages,
    )
