"""How many replicas a metric asks for: ceil(current * value / target), and nothing new where that is nearly 1.

None stands for a metric that cannot be had: it keeps replicas from going, never from coming.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

TOLERANCE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one pod has of a metric that is told by pods; those that end are none.

    `whole` is what it is taken for where it tells nothing and others ask for less: all that it requested, or its part
    of the target if that is more or there is no request.
    """

    value: float | None
    target: float
    whole: float
    is_ready: bool = True


def of_usage(used: float | None, *, requested: float, percent: float, is_ready: bool = True) -> Share:
    """Of a resource, against a utilization."""
    target = requested * percent / 100
    return Share(value=used, target=target, whole=max(requested, target), is_ready=is_ready)


def of_average(value: float | None, *, target: float, is_ready: bool = True) -> Share:
    return Share(value=value, target=target, whole=target, is_ready=is_ready)


def by_value(value: float | None, *, target: float, current: int, ready: int) -> int | None:
    """Of an object or from outside, compared as it is: so many times those that are ready."""
    if value is None:
        return None
    ratio = value / target
    return current if _is_near(ratio) else ceil(ratio * ready)


def by_average(value: float | None, *, target: float, current: int) -> int | None:
    """The same, but divided by the replicas first."""
    if value is None:
        return None
    return current if _is_near(value / (target * current)) else ceil(value / target)


def by_pods(shares: Sequence[Share], *, current: int) -> int | None:
    """Who is not ready, or tells nothing, is first left out; then taken for what speaks against a change.

    Where that turns the direction, nothing changes.
    """
    told = [share for share in shares if share.is_ready and share.value is not None]
    if not told:
        return None
    ratio = _ratio(told)
    guessed = [*told, *_guessed(shares, is_growing=ratio > 1)]
    if len(guessed) == len(told):
        return current if _is_near(ratio) else ceil(ratio * len(told))
    again = _ratio(guessed)
    if _is_near(again) or (ratio < 1) != (again < 1):
        return current
    asked = ceil(again * len(guessed))
    return max(asked, current) if again > 1 else min(asked, current)


def most_of(asked: Sequence[int | None], *, current: int) -> int | None:
    """The largest; None where nothing may change, for what is not known might have asked for more."""
    known = [each for each in asked if each is not None]
    largest = max(known, default=0)
    is_whole = len(known) == len(asked)
    return largest if known and (is_whole or largest >= current) else None


def _guessed(shares: Sequence[Share], *, is_growing: bool) -> list[Share]:
    silent = [share for share in shares if share.is_ready and share.value is None]
    late = [share for share in shares if not share.is_ready]
    if is_growing:
        return [_taken_for(share, 0.0) for share in (*silent, *late)]
    return [_taken_for(share, share.whole) for share in silent]


def _taken_for(share: Share, value: float) -> Share:
    return Share(value=value, target=share.target, whole=share.whole)


def _ratio(shares: Sequence[Share]) -> float:
    return sum(share.value or 0.0 for share in shares) / sum(share.target for share in shares)


def _is_near(ratio: float) -> bool:
    return abs(1.0 - ratio) <= TOLERANCE
