"""Trace contexts as jobs keep them, and as the SDK has them."""

from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState, set_span_in_context

from engine.jobs.trace import TraceContext


def under(parent: TraceContext | None) -> Context:
    """Where a span begins that belongs under it: in an empty context, whatever else is under way."""
    context = Context()
    if parent is None:
        return context
    _, trace_id, span_id, flags = parent.traceparent.split("-")
    remote = SpanContext(
        trace_id=int(trace_id, 16),
        span_id=int(span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(int(flags, 16)),
        trace_state=TraceState.from_header([parent.tracestate]) if parent.tracestate else None,
    )
    return set_span_in_context(NonRecordingSpan(remote), context)


def kept(span: SpanContext) -> TraceContext | None:
    """None where nothing is traced at all (OTEL_SDK_DISABLED)."""
    if not span.is_valid:
        return None
    return TraceContext(
        f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}", span.trace_state.to_header()
    )
