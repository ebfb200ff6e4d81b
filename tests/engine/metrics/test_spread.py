"""A spread shows what the library's histogram does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import HistogramMetricFamily

from engine.metrics.spread import Spread

BOUNDS = (0.5, 1.0, 2.5)
VALUES = st.one_of(st.sampled_from(BOUNDS), st.floats(0, 1e6))


@given(values=st.lists(VALUES, max_size=20))
def test_it_counts_as_a_histogram_does(values: list[float]) -> None:
    histogram = Histogram("x", "x", ("kind",), registry=CollectorRegistry(), buckets=BOUNDS)
    spread = Spread(BOUNDS)
    for value in values:
        histogram.labels("a").observe(value)
    middle = len(values) // 2
    spread.add(values[:middle])
    spread.add(values[middle:])
    histogram.labels("a")
    shown = spread.show(HistogramMetricFamily("x", "x", labels=("kind",)), ("a",)).samples
    expected = [sample for family in histogram.collect() for sample in family.samples if "created" not in sample.name]
    found = {(each.name, *each.labels.items()): each.value for each in shown}
    assert found == pytest.approx({(each.name, *each.labels.items()): each.value for each in expected})
