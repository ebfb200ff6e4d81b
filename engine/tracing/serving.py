"""A span for each request that is answered, under what its client sent."""

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from engine.jobs.trace import TraceContext
from engine.tracing.context import kept, under
from engine.tracing.names import ERROR, JOB_ID, METHOD, PATH, REQUEST_ID, ROUTE, STATUS_CODE

UNANSWERED = "cancelled"


class Serving:
    """Makes them."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def serving(
        self, *, method: str, endpoint: str, path: str, request_id: str, parent: TraceContext | None
    ) -> "ServerSpan":
        span = self._tracer.start_span(
            f"{method} {endpoint}",
            under(parent),
            SpanKind.SERVER,
            {METHOD: method, ROUTE: endpoint, PATH: path, REQUEST_ID: request_id},
        )
        return ServerSpan(span)


class ServerSpan:
    """One of them."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.context = kept(span.get_span_context())

    def end(self, *, status_code: int | None, job_id: str | None) -> None:
        span = self._span
        if job_id is not None:
            span.set_attribute(JOB_ID, job_id)
        if status_code is not None:
            span.set_attribute(STATUS_CODE, status_code)
        if status_code is None or status_code >= 500:
            span.set_attribute(ERROR, UNANSWERED if status_code is None else str(status_code))
            span.set_status(StatusCode.ERROR)
        span.end()
