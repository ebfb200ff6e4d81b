"""A fetch's span tells how it went, and opens no door."""

import asyncio
from collections.abc import Callable

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

from engine.jobs.footprint import STATE_BYTES
from engine.jobs.outcome import ErrorType, Outcome
from engine.jobs.ports import Fetch
from engine.jobs.request import Request
from engine.jobs.trace import TraceContext
from engine.tracing.fetching import TracedFetch, redacted
from tests.engine.jobs.builders import a_failure, a_page
from tests.engine.tracing.conftest import TRACE, UNSAMPLED


class Credit:
    held = most = STATE_BYTES

    async def reach(self, size: int) -> None: ...


async def sink(_: bytes) -> None: ...


def coming_to(come: Callable[[], Outcome]) -> Fetch:
    async def fetch(*_: object, **__: object) -> Outcome:
        await asyncio.sleep(0)
        return come()

    return fetch


def stopping() -> Outcome:
    raise asyncio.CancelledError


async def fetched(tracer: Tracer, come: Callable[[], Outcome], trace: TraceContext | None = TRACE) -> Outcome:
    fetch = TracedFetch(fetch=coming_to(come), tracer=tracer)
    request = Request(url="http://site.test:81/", host="site.test", trace=trace)
    return await fetch(request, timeout_s=1.0, sink=sink, credit=Credit())


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (a_page(), {"http.response.status_code": 200}),
        (a_page(from_cache=True), {"http.response.status_code": 200, "cfscraper.from_cache": True}),
        (a_page(status_code=404), {"http.response.status_code": 404, "error.type": "404"}),
        (a_failure(ErrorType.DNS), {"error.type": "dns"}),
    ],
)
async def test_what_came_of_it_is_told(
    tracer: Tracer, ended: InMemorySpanExporter, outcome: Outcome, told: dict[str, object]
) -> None:
    assert await fetched(tracer, lambda: outcome) is outcome
    (span,) = ended.get_finished_spans()
    asked = {
        "http.request.method": "GET",
        "url.full": "http://site.test:81/",
        "server.address": "site.test",
        "server.port": 81,
    }
    assert dict(span.attributes or {}) == {**asked, **told}
    assert span.status.is_ok is ("error.type" not in told)


async def test_one_that_is_broken_off_ends_too(tracer: Tracer, ended: InMemorySpanExporter) -> None:
    with pytest.raises(asyncio.CancelledError):
        await fetched(tracer, stopping)
    (span,) = ended.get_finished_spans()
    assert (span.attributes or {})["error.type"] == "CancelledError"


@pytest.mark.parametrize("trace", [None, UNSAMPLED])
async def test_what_nobody_traces_is_fetched_all_the_same(
    tracer: Tracer, ended: InMemorySpanExporter, trace: TraceContext | None
) -> None:
    page = a_page()
    assert await fetched(tracer, lambda: page, trace) is page
    assert not ended.get_finished_spans()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://site.test/a?b=c#d", "http://site.test/a?b=c#d"),
        ("https://user:secret@site.test/", "https://REDACTED:REDACTED@site.test/"),
        ("https://user@site.test/", "https://REDACTED:REDACTED@site.test/"),
        ("http://site.test/@me?to=a@b", "http://site.test/@me?to=a@b"),
        ("http://site.test/?sig=secret&n=1", "http://site.test/?sig=REDACTED&n=1"),
        ("http://site.test/?n=1&X-Goog-Signature=secret", "http://site.test/?n=1&X-Goog-Signature=REDACTED"),
    ],
)
def test_a_url_is_shown_without_credentials(url: str, shown: str) -> None:
    assert redacted(url) == shown
