"""How fast something rises, robustly: by the median of the slopes of all pairs (Theil and Sen)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

CERTAIN = 1.96
"""Standard deviations: a bound on either side that holds with 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A slope and its bounds, by Kendall's count of the pairs that agree (Sen 1968)."""

    slope: float
    low: float
    high: float


def trend(points: Sequence[tuple[float, float]]) -> Trend:
    """Of four points or more, each of another moment, in order."""
    slopes = sorted((later[1] - earlier[1]) / (later[0] - earlier[0]) for earlier, later in combinations(points, 2))
    count, pairs = len(points), len(slopes)
    off = CERTAIN * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low, high = max(int((pairs - off) / 2), 0), min(int((pairs + off) / 2) + 1, pairs - 1)
    middle = (slopes[(pairs - 1) // 2] + slopes[pairs // 2]) / 2
    return Trend(slope=middle, low=slopes[low], high=slopes[high])
