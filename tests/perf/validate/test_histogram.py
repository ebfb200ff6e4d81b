"""What the service says its answers took, between two looks."""

from math import inf

import pytest

from perf.validate.histogram import p95_ms, read

METRICS = """
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{endpoint="/api/v1/scrape",le="0.05",method="POST"} 90
http_request_duration_seconds_bucket{endpoint="/api/v1/scrape",le="0.1",method="POST"} 100
http_request_duration_seconds_bucket{endpoint="/api/v1/scrape",le="+Inf",method="POST"} 100
http_request_duration_seconds_bucket{endpoint="/metrics",le="+Inf",method="GET"} 7
"""


def test_routes_that_are_judged_are_read_and_others_are_not() -> None:
    assert read(METRICS) == {"submit": {0.05: 90, 0.1: 100, inf: 100}}


@pytest.mark.parametrize(
    ("quick", "slow", "late", "expected"),
    [(95, 5, 0, 0.0), (94, 6, 0, 50.0), (90, 5, 5, 50.0), (90, 4, 6, 100.0), (0, 0, 1, 100.0), (0, 0, 0, None)],
)
def test_it_is_the_lower_edge_of_the_bucket_for_what_came_between_two_looks(
    quick: int, slow: int, late: int, expected: float | None
) -> None:
    came = {0.05: quick, 0.1: quick + slow, inf: quick + slow + late}
    before = {0.05: 1000, 0.1: 1001, inf: 1002}
    after = {le: before[le] + many for le, many in came.items()}
    assert p95_ms({"submit": before}, {"submit": after}, "submit") == expected
    assert p95_ms({}, {"submit": came}, "submit") == expected
    assert p95_ms({}, {}, "submit") is None
