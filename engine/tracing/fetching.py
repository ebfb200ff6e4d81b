"""A Fetch that shows each attempt at a request whose job was submitted in a trace. The site is told nothing of it."""

import re
from typing import Any

import yarl
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from engine.jobs.errand import ids_in_hand
from engine.jobs.outcome import Outcome, Page
from engine.jobs.ports import Credit, Fetch, Sink
from engine.jobs.request import Request
from engine.tracing.context import under
from engine.tracing.names import ERROR, FETCH, FROM_CACHE, HOST, JOB_ID, METHOD, PORT, STATUS_CODE, URL

_CREDENTIALS = re.compile(r"(?<=://)[^/?#@]*@")
_SIGNATURES = re.compile(r"(?<=[?&])(AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&#]*")
REDACTED = "REDACTED:REDACTED@"


class TracedFetch:
    """Stands before any fetch."""

    def __init__(self, *, fetch: Fetch, tracer: Tracer) -> None:
        self._fetch = fetch
        self._tracer = tracer

    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:
        if request.trace is None:
            return await self._fetch(request, timeout_s=timeout_s, sink=sink, credit=credit)
        span = self._tracer.start_span(FETCH, under(request.trace), SpanKind.CLIENT)
        if not span.is_recording():
            return await self._fetch(request, timeout_s=timeout_s, sink=sink, credit=credit)
        span.set_attributes(_asked(request))
        try:
            outcome = await self._fetch(request, timeout_s=timeout_s, sink=sink, credit=credit)
        except BaseException as error:
            _fail(span, type(error).__name__)
            raise
        else:
            _show(span, outcome)
            return outcome
        finally:
            span.end()


def _asked(request: Request) -> dict[str, Any]:
    told = {
        METHOD: request.method,
        URL: redacted(request.url),
        HOST: request.host,
        PORT: yarl.URL(request.url, encoded=True).port,
        JOB_ID: ids_in_hand().get("job_id"),
    }
    return {name: value for name, value in told.items() if value is not None}


def _show(span: Span, outcome: Outcome) -> None:
    if not isinstance(outcome, Page):
        _fail(span, outcome.error_type)
        return
    span.set_attribute(STATUS_CODE, outcome.status_code)
    if outcome.from_cache:
        span.set_attribute(FROM_CACHE, value=True)
    if outcome.status_code >= 400:
        _fail(span, str(outcome.status_code))


def _fail(span: Span, error_type: str) -> None:
    span.set_attribute(ERROR, error_type)
    span.set_status(StatusCode.ERROR)


def redacted(url: str) -> str:
    """Without what opens a door (OpenTelemetry's conventions of URLs name these)."""
    return _SIGNATURES.sub(r"\1=REDACTED", _CREDENTIALS.sub(REDACTED, url))
