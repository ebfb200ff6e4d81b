"""The least, mean, p95 and most of each figure, in constant memory."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from perf.monitor.sight import NAMES, Sight

KEPT = 10_000
"""Of each figure, the last so many are what its p95 is of; all else is of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Of one figure."""

    least: float
    mean: float
    p95: float
    most: float
    samples: int


class Summary:
    """Is shown each sight in turn."""

    def __init__(self) -> None:
        self.samples = 0
        self.gaps = 0
        self._columns: dict[str, Column] = {}

    def add(self, sight: Sight) -> None:
        self.samples += 1
        self.gaps += bool(sight.gap)
        for name, value in sight.figures.items():
            self._columns.setdefault(name, Column()).add(value)

    def spreads(self) -> Mapping[str, Spread]:
        """In the order of their names' list, the mailboxes behind."""
        return {name: self._columns[name].spread() for name in self.names()}

    def names(self) -> Sequence[str]:
        """Of the figures that were known at least once."""
        names = [name for name in NAMES if name in self._columns]
        return [*names, *sorted(self._columns.keys() - set(names))]


class Column:
    """One figure so far."""

    def __init__(self) -> None:
        self._least, self._most = inf, -inf
        self._sum, self._count = 0.0, 0
        self._last: deque[float] = deque(maxlen=KEPT)

    def add(self, value: float) -> None:
        self._least, self._most = min(self._least, value), max(self._most, value)
        self._sum += value
        self._count += 1
        self._last.append(value)

    def spread(self) -> Spread:
        """Of one value at least."""
        return Spread(
            least=self._least,
            mean=self._sum / self._count,
            p95=sorted(self._last)[int(len(self._last) * 0.95)],
            most=self._most,
            samples=self._count,
        )
