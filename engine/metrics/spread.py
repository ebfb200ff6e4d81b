"""How many values lie under which bounds, in plain numbers; the library's histograms take two locks for each value."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import accumulate

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.utils import floatToGoString


class Spread:
    """For one thread."""

    __slots__ = ("_bounds", "_counts", "_place", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        """`bounds` rise; what lies above all of them is counted, too."""
        self._bounds = bounds
        self._place = partial(bisect_left, bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, values: Sequence[float]) -> None:
        for place, count in Counter(map(self._place, values)).items():
            self._counts[place] += count
        self._sum += sum(values)

    def show(self, family: HistogramMetricFamily, labels: Sequence[str]) -> HistogramMetricFamily:
        """The family, with this spread under the labels."""
        names = (*map(floatToGoString, self._bounds), "+Inf")
        family.add_metric(labels, list(zip(names, accumulate(self._counts), strict=True)), self._sum)
        return family
