"""Between which ratios the true one lies, by Student's t on the logarithms of the measured ones.

Logarithms, since twice as fast and half as fast are as far from alike; t, since pairs are few. No normal noise is
promised, so that the sureness is nominal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, exp, gamma, inf, log, pi, sqrt, tan
from statistics import fmean, variance

SURENESS = 0.95
_STEPS = 100
_HALVINGS = 40
_MOST_FREEDOM = 200.0  # from here on t is the normal distribution's, to the third digit


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A ratio and what it may be as well."""

    low: float
    ratio: float
    high: float

    def __str__(self) -> str:
        return f"{self.ratio:.3f} ({self.low:.3f} to {self.high:.3f})"


def interval(ratios: Sequence[float], *, sureness: float = SURENESS) -> Interval:
    """Of the mean of pairs' ratios; of a single one nothing is known but itself."""
    logs = [log(ratio) for ratio in ratios]
    if len(logs) == 1:
        return _around(logs[0], inf)
    reach = t_quantile(sureness, len(logs) - 1) * sqrt(variance(logs) / len(logs))
    return _around(fmean(logs), reach)


def interval_between(before: Sequence[float], after: Sequence[float], *, sureness: float = SURENESS) -> Interval:
    """Of `after` by `before`, each measured by itself (Welch)."""
    one, two = [log(each) for each in before], [log(each) for each in after]
    middle = fmean(two) - fmean(one)
    if min(len(one), len(two)) == 1:
        return _around(middle, inf)
    parts = [variance(logs) / len(logs) for logs in (one, two)]
    if not any(parts):
        return _around(middle, 0.0)
    freedom = sum(parts) ** 2 / sum(part**2 / (len(logs) - 1) for part, logs in zip(parts, (one, two), strict=True))
    return _around(middle, t_quantile(sureness, freedom) * sqrt(sum(parts)))


@cache
def t_quantile(sureness: float, freedom: float) -> float:
    """How many standard errors on both sides of a mean hold the true one with that sureness."""
    freedom = min(freedom, _MOST_FREEDOM)
    low, high = 0.0, pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < sureness else (low, middle)
    return sqrt(freedom) * tan(low)


def _within(angle: float, freedom: float) -> float:
    """The part of the distribution within sqrt(freedom) * tan(angle): by that angle its density is a power of cos."""
    scale = 2 * gamma((freedom + 1) / 2) / (sqrt(pi) * gamma(freedom / 2))
    step = angle / _STEPS
    weights = [1, *[4, 2] * (_STEPS // 2 - 1), 4, 1]
    heights: list[float] = [cos(step * n) ** (freedom - 1) for n in range(_STEPS + 1)]
    return scale * step / 3 * sum(weight * height for weight, height in zip(weights, heights, strict=True))


def _around(middle: float, reach: float) -> Interval:
    return Interval(low=exp(middle - reach), ratio=exp(middle), high=inf if reach == inf else exp(middle + reach))
