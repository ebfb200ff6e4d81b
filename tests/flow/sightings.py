"""What /metrics has told of every series, look by look."""

import math
from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from prometheus_client.parser import text_string_to_metric_families as parsed

from tests.promised import told_as

LOOKS_EVERY_S = 0.1

Labels = frozenset[tuple[str, str]]


class Sightings:
    """Of a histogram, how many values it holds counts."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._values: dict[str, dict[Labels, list[float]]] = defaultdict(lambda: defaultdict(list))

    def saw(self, text: str) -> None:
        for family in parsed(text):
            name = told_as(family)
            self._kinds[name] = family.type
            series = self._values[name]
            for sample in family.samples:
                if family.type != "histogram" or sample.name.endswith("_count"):
                    series[frozenset(sample.labels.items())].append(sample.value)

    @property
    def names(self) -> AbstractSet[str]:
        return self._kinds.keys()

    def labels(self) -> Mapping[str, AbstractSet[str]]:
        """Of each, the names of all labels that it ever had."""
        return {name: {label for labels in series for label, _ in labels} for name, series in self._values.items()}

    def label_values(self) -> AbstractSet[str]:
        return {value for series in self._values.values() for labels in series for _, value in labels}

    def moved(self, name: str) -> AbstractSet[tuple[str, ...]]:
        """The values of the labels, in the order of their names, of all series that moved, or that somebody set."""
        series = self._values.get(name, {})
        is_moved = _is_set if self._kinds.get(name) in {"gauge", "info"} else _has_grown
        return {tuple(value for _, value in sorted(labels)) for labels, told in series.items() if is_moved(told)}


def _is_set(told: list[float]) -> bool:
    return any(value and not math.isnan(value) for value in told)


def _has_grown(told: list[float]) -> bool:
    """Since it began at zero: what happened before the first look counts."""
    return told[-1] > 0
