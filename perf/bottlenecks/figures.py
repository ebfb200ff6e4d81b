"""What /metrics says, by name and labels; and what came to be between two looks at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from prometheus_client.parser import text_string_to_metric_families

from perf.bottlenecks.evidence import NEVER, Timing

Labels = frozenset[tuple[str, str]]
Figures = Mapping[tuple[str, Labels], float]
BOUND = "le"


def read(text: str) -> Figures:
    """Raises ValueError for what is no such text."""
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


def total(figures: Figures, name: str, *labels: tuple[str, str]) -> float:
    """Of all series with these labels; 0 where there are none."""
    wanted = frozenset(labels)
    return sum(value for (found, has), value in figures.items() if found == name and wanted <= has)


def by(figures: Figures, name: str, label: str) -> dict[str, float]:
    """Each value of the label, its series added up."""
    found: dict[str, float] = {}
    for (metric, labels), value in figures.items():
        for key, which in labels:
            if metric == name and key == label:
                found[which] = found.get(which, 0.0) + value
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """The counters of two looks at one process, the later less the earlier."""

    before: Figures
    after: Figures

    def total(self, name: str, *labels: tuple[str, str]) -> float:
        return total(self.after, name, *labels) - total(self.before, name, *labels)

    def by(self, name: str, label: str) -> dict[str, float]:
        before = by(self.before, name, label)
        return {which: value - before.get(which, 0.0) for which, value in by(self.after, name, label).items()}

    def timing(self, name: str, *labels: tuple[str, str]) -> Timing:
        count = self.total(f"{name}_count", *labels)
        if count <= 0:
            return NEVER
        parts = {part: self._percentile(name, labels, count * part) for part in (0.1, 0.5, 0.95)}
        return Timing(
            count=int(count),
            total_s=round(self.total(f"{name}_sum", *labels), 6),
            p10_s=parts[0.1],
            p50_s=parts[0.5],
            p95_s=parts[0.95],
        )

    def timings(self, name: str, label: str) -> dict[str, Timing]:
        """Of those that happened."""
        counts = self.by(f"{name}_count", label)
        return {which: self.timing(name, (label, which)) for which, count in counts.items() if count > 0}

    def _percentile(self, name: str, labels: tuple[tuple[str, str], ...], rank: float) -> float:
        """Between two bounds it is taken to be even; above the last it is the last."""
        wanted = frozenset(labels)
        upto: dict[float, float] = {0.0: 0.0}
        for figures, sign in ((self.before, -1), (self.after, 1)):
            for (found, has), value in figures.items():
                if found == f"{name}_bucket" and wanted <= has:
                    bound = float(dict(has)[BOUND])
                    upto[bound] = upto.get(bound, 0.0) + sign * value
        for (low, fewer), (high, more) in pairwise(sorted(upto.items())):
            if more >= rank:
                return low if high == inf else round(low + (high - low) * (rank - fewer) / (more - fewer or 1), 6)
        return 0.0
