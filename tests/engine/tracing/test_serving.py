"""A request's span: what belongs under it, and how it ends."""

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracer, Tracer

from engine.jobs.trace import TraceContext
from engine.tracing.serving import ServerSpan, Serving
from tests.engine.tracing.conftest import TRACE, UNSAMPLED


def served(tracer: Tracer, parent: TraceContext | None) -> ServerSpan:
    return Serving(tracer).serving(method="GET", endpoint="/a/{id}", path="/a/1", request_id="req_1", parent=parent)


@pytest.mark.parametrize(
    ("status_code", "error"), [(200, None), (404, None), (499, None), (500, "500"), (503, "503"), (None, "cancelled")]
)
def test_what_went_wrong_here_is_an_error(
    tracer: Tracer, ended: InMemorySpanExporter, status_code: int | None, error: str | None
) -> None:
    served(tracer, None).end(status_code=status_code, job_id=None)
    (span,) = ended.get_finished_spans()
    told = dict(span.attributes or {})
    assert (told.get("http.response.status_code"), told.get("error.type")) == (status_code, error)
    assert span.status.is_ok is (error is None)


def test_a_trace_goes_on_under_it_with_its_state(tracer: Tracer) -> None:
    context = served(tracer, TRACE).context
    assert context is not None
    assert (context.trace_id, context.tracestate) == (TRACE.trace_id, TRACE.tracestate)
    assert context.traceparent != TRACE.traceparent
    assert context.traceparent.endswith("-01")


def test_what_the_client_does_not_sample_is_not_sampled_on(tracer: Tracer, ended: InMemorySpanExporter) -> None:
    span = served(tracer, UNSAMPLED)
    assert span.context is not None
    assert span.context.traceparent.endswith("-00")
    span.end(status_code=200, job_id=None)
    assert not ended.get_finished_spans()


def test_where_the_sdk_is_disabled_the_client_s_context_is_passed_on() -> None:
    assert served(NoOpTracer(), TRACE).context == TRACE
    assert served(NoOpTracer(), None).context is None
