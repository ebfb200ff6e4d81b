from engine.jobs.bottleneck import Bottleneck
from engine.metrics.bottlenecks import BottleneckMetrics
from tests.engine.metrics.panel import Panel

FOUND = "bottlenecks_detected_total"


def test_each_that_was_found_is_counted_once_an_analysis_and_all_others_show_zero() -> None:
    panel = Panel()
    metrics = BottleneckMetrics(catalogue=panel.catalogue)
    metrics.found([Bottleneck.SLOW_DISK, Bottleneck.POOL, Bottleneck.SLOW_DISK])
    metrics.found([Bottleneck.POOL])
    shown = panel.samples(FOUND)
    assert {kind for (kind,) in shown} == set(Bottleneck)
    assert {kind: count for (kind,), count in shown.items() if count} == {"slow_disk": 1.0, "pool": 2.0}
