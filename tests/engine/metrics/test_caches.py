"""What is shown of the cache: looks by level and kind, sizes as they stand, and times of one call of some."""

from engine.metrics.caches import SAMPLED
from tests.engine.metrics.panel import Panel


def test_looks_are_counted_by_level_and_kind_and_together_make_the_ratio() -> None:
    panel = Panel()
    caches = panel.caches
    for level, key, found in (
        ("memory", "status:job_1", False),
        ("shared", "status:job_1", True),
        ("memory", "status:job_1", True),
        ("memory", "list:1:JobQuery(statuses=('a:b',))", True),
        ("memory", "list:1", True),
    ):
        caches.looked(level, key, found=found)
    hits, misses = panel.samples("cache_hits_total"), panel.samples("cache_misses_total")
    assert {kind: count for kind, count in hits.items() if count} == {
        ("shared", "status"): 1,
        ("memory", "status"): 1,
        ("memory", "list"): 2,
    }
    assert {kind: count for kind, count in misses.items() if count} == {("memory", "status"): 1}
    assert panel.samples("cache_hit_ratio") == {("memory",): 0.75, ("shared",): 1.0}


def test_a_size_is_what_it_is_when_it_is_asked_for() -> None:
    panel, sizes = Panel(), [5, 6]
    panel.caches.holds("memory", [lambda: sizes[0], lambda: sizes[1]])
    assert panel.shows("cache_size_bytes", cache_type="memory") == 11
    sizes[0] = 1
    assert panel.shows("cache_size_bytes", cache_type="memory") == 7


def test_one_call_of_some_is_timed_and_all_do_what_they_did() -> None:
    panel = Panel()
    act = panel.caches.sampled("get", "memory", sorted)
    assert [act([n, 1], reverse=True) for n in range(2, 2 * SAMPLED)] == [[n, 1] for n in range(2, 2 * SAMPLED)]
    assert panel.shows("cache_operation_duration_seconds_count", operation="get", cache_type="memory") == 2
