"""Against the library that makes such text: what it was told comes out again."""

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from perf.bottlenecks.evidence import NEVER
from perf.bottlenecks.figures import Figures, Gain, by, read, total

BOUNDS = (0.001, 0.01, 0.1, 1.0)
seconds = st.lists(st.floats(min_value=0.0001, max_value=1.0), max_size=40)


def shown(registry: CollectorRegistry) -> Figures:
    return read(generate_latest(registry).decode())


@given(before=seconds, meanwhile=seconds)
def test_a_timing_is_of_what_happened_between_two_looks(before: list[float], meanwhile: list[float]) -> None:
    registry = CollectorRegistry()
    claims = Histogram("took_seconds", "Time.", ["query"], registry=registry, buckets=BOUNDS).labels("claim")
    for each in before:
        claims.observe(each)
    first = shown(registry)
    for each in meanwhile:
        claims.observe(each)
    timing = Gain(before=first, after=shown(registry)).timings("took_seconds", "query").get("claim", NEVER)
    assert timing.count == len(meanwhile)
    assert abs(timing.total_s - sum(meanwhile)) < 1e-5
    ranks = ((timing.p10_s, 0.1), (timing.p50_s, 0.5), (timing.p95_s, 0.95))
    for found, part in ranks if meanwhile else ():
        true = sorted(meanwhile)[max(0, -int(-len(meanwhile) * part // 1) - 1)]
        place = bisect_left(BOUNDS, true)
        assert (BOUNDS[place - 1] if place else 0.0) <= found + 1e-6
        assert found <= BOUNDS[place] + 1e-6


def test_series_add_up_by_a_label_and_in_all() -> None:
    registry = CollectorRegistry()
    counter = Counter("calls_total", "Calls.", ["method", "endpoint"], registry=registry)
    counter.labels("GET", "/a").inc(2)
    counter.labels("PUT", "/a").inc(3)
    counter.labels("GET", "/b").inc(4)
    figures = shown(registry)
    assert by(figures, "calls_total", "endpoint") == {"/a": 5.0, "/b": 4.0}
    assert total(figures, "calls_total", ("method", "GET")) == 6.0
    assert total(figures, "calls_total") == 9.0
    assert total(figures, "nothing_total") == 0.0
