"""What a target is judged by: a figure with its bounds, or the reason why there is none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The truth is not below `low` and not above `high`."""

    value: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """Why a target could not be measured."""

    reason: str


Sample = Figure | Unmeasured


def exactly(value: float, note: str = "") -> Figure:
    return Figure(value=value, low=value, high=value, note=note)
