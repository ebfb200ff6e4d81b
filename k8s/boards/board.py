"""What a dashboard is made of. Nothing here knows Grafana.

In a query `$every` stands for the labels that pick processes, and `$fleet` for those of what the rules have recorded of
a whole fleet, which knows no process any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

WIDTH = 24
"""Columns of the screen."""


class Shape(StrEnum):
    LINES = "lines"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`asks` are queries by the legend of what they bring; `bad_above` is where its alert begins."""

    title: str
    says: str
    asks: Mapping[str, str]
    unit: str = "short"
    shape: Shape = Shape.LINES
    width: int = 8
    bad_above: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """`name` is its file and the end of its address."""

    name: str
    title: str
    says: str
    rows: Sequence[Row]


def figure(title: str, says: str, ask: str, *, unit: str = "short", bad_above: float | None = None) -> Panel:
    """The last value, large; six of them fill a line."""
    return Panel(
        title=title, says=says, asks={"": ask}, unit=unit, shape=Shape.FIGURE, width=WIDTH // 6, bad_above=bad_above
    )
