from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from engine.metrics.exposition import Exposition
from tests.engine.metrics.panel import Panel

PROMETHEUS_ASKS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1"
)
PARTS = st.sampled_from(
    ["application/openmetrics-text", "text/plain", "*/*", ";", ",", "=", "version", "q=x", "1.x", " "]
)


def a_busy_panel() -> Panel:
    panel = Panel()
    panel.dials.show_process()
    panel.traffic.served(method="GET", endpoint="/api/v1/scrape/{job_id}", status_code=200, seconds=0.01)
    return panel


def test_prometheus_gets_openmetrics() -> None:
    content_type, text = Exposition(registry=a_busy_panel().registry).render(PROMETHEUS_ASKS)
    assert content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    families = {family.name: family for family in parse_openmetrics(text.decode())}  # type: ignore[no-untyped-call]  # theirs
    assert families["http_requests"].samples[0].labels["endpoint"] == "/api/v1/scrape/{job_id}"


def test_who_asks_for_nothing_gets_plain_text() -> None:
    content_type, text = Exposition(registry=a_busy_panel().registry).render("")
    assert content_type.startswith("text/plain; version=0.0.4")
    assert {"http_requests", "memory_usage_bytes", "app_info"} <= {family.name for family in parse_text(text.decode())}


@given(accept=st.text() | st.lists(PARTS, max_size=8).map("".join))
def test_whatever_is_asked_for_there_is_an_answer(accept: str) -> None:
    content_type, text = Exposition(registry=Panel().registry).render(accept)
    assert content_type.startswith(("text/plain", "application/openmetrics-text"))
    assert b"app_info" in text
