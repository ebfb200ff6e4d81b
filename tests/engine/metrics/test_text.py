from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.openmetrics.exposition import generate_latest as generate_open
from prometheus_client.registry import Collector

from engine.metrics.text import Text

LABELS = ("b", "a", "method")

values = st.floats() | st.integers(0, 10**18)
labels = st.lists(st.text(max_size=4) | st.sampled_from(['"', "\\", "\n"]), min_size=len(LABELS), max_size=len(LABELS))
labelled = st.tuples(st.just(LABELS), st.dictionaries(labels.map(tuple), values, max_size=4))
bare = st.tuples(st.just(()), values.map(lambda value: {(): value}))
Found = Mapping[tuple[str, ...], float]


class Families(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return iter(self._families)


def counter(name: str, told: str, names: Sequence[str], found: Found) -> Metric:
    family = CounterMetricFamily(name, told, labels=names)
    for each, value in found.items():
        family.add_metric(each, value, created=1.5)
    return family


def gauge(name: str, told: str, names: Sequence[str], found: Found) -> Metric:
    family = GaugeMetricFamily(name, told, labels=names)
    for each, value in found.items():
        family.add_metric(each, value)
    return family


def histogram(name: str, told: str, names: Sequence[str], found: Found) -> Metric:
    family = HistogramMetricFamily(name, told, labels=names)
    for each, value in found.items():
        family.add_metric(each, [("0.5", value), ("+Inf", 2.0)], value)
    return family


def info(name: str, told: str, names: Sequence[str], found: Found) -> Metric:
    family = InfoMetricFamily(name, told, labels=names)
    for each in found:
        family.add_metric(each, {"version": told})
    return family


KINDS = (counter, gauge, histogram, info)


@st.composite
def many_families(draw: st.DrawFn) -> list[Metric]:
    kinds = enumerate(draw(st.lists(st.sampled_from(KINDS), max_size=4)))
    return [kind(f"f{n}", draw(st.text(max_size=9)), *draw(bare | labelled)) for n, kind in kinds]


def without_beginnings(families: Sequence[Metric]) -> Families:
    for family in families:
        family.samples = [sample for sample in family.samples if not sample.name.endswith("_created")]
    return Families(families)


@given(families=many_families(), again=st.floats())
def test_it_writes_what_the_library_writes_the_first_time_and_the_second(families: list[Metric], again: float) -> None:
    plain, opened = Text(is_open=False), Text(is_open=True)
    for _ in range(2):
        told = plain.of(families), opened.of(families)
        theirs = without_beginnings(families)
        assert told == (generate_latest(theirs), generate_open(theirs))  # type: ignore[no-untyped-call]  # theirs
        for family in families:
            family.samples = [sample._replace(value=again) for sample in family.samples]


@pytest.mark.parametrize("is_open", [False, True])
def test_nothing_is_text_too(*, is_open: bool) -> None:
    assert Text(is_open=is_open).of([]) == (b"# EOF\n" if is_open else b"")
