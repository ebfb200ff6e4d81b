from hypothesis import given
from hypothesis import strategies as st

from tests.engine.metrics.panel import Panel


def test_a_request_is_counted_and_timed_under_its_route() -> None:
    panel = Panel()
    for status_code in (202, 202, 422):
        panel.traffic.served(method="POST", endpoint="/scrape", status_code=status_code, seconds=0.25)
    assert panel.samples("http_requests_total") == {("POST", "/scrape", "202"): 2.0, ("POST", "/scrape", "422"): 1.0}
    assert panel.shows("http_request_duration_seconds_sum", method="POST", endpoint="/scrape") == 0.75
    assert panel.shows("endpoint_response_time_seconds_sum", method="POST", endpoint="/scrape") == 0.75
    assert panel.shows("http_requests_per_second") == 3


@given(methods=st.lists(st.text(min_size=1, max_size=8), min_size=1))
def test_clients_cannot_grow_the_labels_with_methods_of_their_own(methods: list[str]) -> None:
    panel = Panel()
    for method in methods:
        panel.traffic.served(method=f"x{method}", endpoint="/", status_code=405, seconds=0.0)
    assert panel.samples("http_requests_total") == {("OTHER", "/", "405"): float(len(methods))}
