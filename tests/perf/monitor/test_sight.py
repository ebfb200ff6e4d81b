"""What is shown of two samples."""

from math import inf, nan

from perf.monitor.sight import MEBIBYTE, Sample, sample, sight


def test_what_counts_up_is_told_as_a_rate_and_the_rest_as_it_stands() -> None:
    before = Sample(at=10.0, shown={"pages": 5.0, "cpu_s": 1.0, "lag_s": 1.0, "lags": 10.0}, fault="")
    now = {"pages": 25.0, "cpu_s": 3.0, "lag_s": 1.5, "lags": 20.0, "queue": 7.0, "rss_bytes": 3.0 * MEBIBYTE}
    assert sight(before, Sample(at=14.0, shown={**now, "mailbox leases": 2.0}, fault="")).figures == {
        "pages_per_s": 5.0,
        "cpu_percent": 50.0,
        "loop_lag_ms": 50.0,
        "queue": 7.0,
        "rss_mib": 3.0,
        "mailbox leases": 2.0,
    }


def test_the_first_sample_has_no_rates_and_neither_has_one_after_a_new_beginning() -> None:
    first = Sample(at=10.0, shown={"pages": 5.0, "queue": 1.0}, fault="")
    assert sight(None, first).figures == {"queue": 1.0}
    assert sight(first, Sample(at=11.0, shown={"pages": 2.0, "queue": 1.0}, fault="")).figures == {"queue": 1.0}


def test_what_is_no_number_is_not_known() -> None:
    for value in (nan, inf):
        assert sight(None, Sample(at=1.0, shown={"backlog_s": value}, fault="")).figures == {}


def test_after_a_gap_rates_begin_anew() -> None:
    gap = Sample(at=11.0, shown={}, fault="refused")
    assert sight(None, gap).gap == "refused"
    assert sight(gap, Sample(at=12.0, shown={"pages": 9.0}, fault="")).figures == {}


def test_of_a_young_process_nothing_is_told_that_was_not_measured_and_none_of_its_requests_have_failed() -> None:
    young = sample(at=1.0, shown={"requests": 2.0, "rss_bytes": 0.0, "cpu_s": 0.0}, fault="")
    grown = sample(at=2.0, shown={"requests": 4.0, "rss_bytes": 3.0 * MEBIBYTE, "cpu_s": 1.0}, fault="")
    assert sight(None, young).figures == {}
    assert sight(young, grown).figures == {"requests_per_s": 2.0, "requests_failed_per_s": 0.0, "rss_mib": 3.0}
