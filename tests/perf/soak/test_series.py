"""What a soak sees of a daemon: read from its metrics, and from the kernel's account of it."""

from math import isnan

from perf.soak.series import Series, read

METRICS = """\
# HELP scraper_requests_total Attempts made.
scraper_requests_total{scraper_type="http",status="success"} 40.0
scraper_requests_total{scraper_type="http",status="error"} 2.0
memory_usage_bytes{type="credits"} 1024.0
memory_level 3.0
"""
STATUS = "Name:\tpython\nVmHWM:\t{peak} kB\nVmRSS:\t{rss} kB\n"


def test_metrics_are_read_by_their_labels_and_summed_by_their_names() -> None:
    found = read(METRICS)
    assert found["scraper_requests_total"] == 42
    assert found['scraper_requests_total{scraper_type="http",status="error"}'] == 2
    assert found["memory_level"] == 3


def test_a_series_keeps_the_peak_between_its_samples_and_knows_the_rate() -> None:
    series = Series()
    for second in range(4):
        metrics = read(METRICS) | {"scraper_requests_total": 100.0 * second}
        series.add(float(second), STATUS.format(peak=500 + second, rss=400), metrics)
    assert series.peak_bytes == 503 * 1024
    assert series.rss_bytes == [400 * 1024] * 4
    assert series.pages_a_second() == [0.0, 100.0, 100.0, 100.0]
    assert series.rate_over(2.0) == 100
    assert series.shown["credits_bytes"] == [1024.0] * 4
    assert all(map(isnan, series.shown["width"]))
