"""What an interval says: of two results, and of a regression.

Both say so where it says nothing.
"""

from enum import StrEnum

from perf.interval import Interval

ALLOWED = 0.05
"""So much slower, or so many more instructions, is no regression yet."""


class Verdict(StrEnum):
    """Of B beside A."""

    BETTER = "better"
    WORSE = "worse"
    ALIKE = "no difference shown"


class Ruling(StrEnum):
    """Has it become slower by more than is allowed?"""

    FINE = "fine"
    REGRESSION = "regression"
    UNDECIDED = "undecided"

    @property
    def exit_code(self) -> int:
        return {Ruling.FINE: 0, Ruling.REGRESSION: 1, Ruling.UNDECIDED: 2}[self]


def judged(found: Interval) -> Verdict:
    """More is better."""
    if found.low > 1:
        return Verdict.BETTER
    return Verdict.WORSE if found.high < 1 else Verdict.ALIKE


def ruled(found: Interval, *, allowed: float = ALLOWED) -> Ruling:
    """Only what is wholly on one side of the bar is ruled."""
    if found.low > 1 - allowed:
        return Ruling.FINE
    return Ruling.REGRESSION if found.high < 1 - allowed else Ruling.UNDECIDED


def worst(rulings: list[Ruling]) -> Ruling:
    """Of all: one regression is enough, and then one that could not be ruled."""
    order = (Ruling.FINE, Ruling.UNDECIDED, Ruling.REGRESSION)
    return max(rulings, key=order.index, default=Ruling.UNDECIDED)
