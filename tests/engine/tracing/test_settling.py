"""A settle's span lasts from its fetch's end, and tells what came of the job."""

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

from engine.jobs.query import Settled
from engine.jobs.request import Request
from engine.jobs.status import Status
from engine.jobs.trace import TraceContext
from engine.jobs.verdict import Settlement
from engine.tracing.settling import Settling
from tests.engine.jobs.builders import a_lease, a_page, the_rules
from tests.engine.tracing.conftest import TRACE

FETCHED_AT = 1000.0


def settlement(trace: TraceContext | None) -> Settlement:
    request = Request(url="http://site.test/", host="site.test", trace=trace)
    return the_rules().settle(a_lease(request=request), a_page(), began_at=FETCHED_AT - 1)


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_settle_is_shown_under_the_submit(
    tracer: Tracer, ended: InMemorySpanExporter, *, accepted: bool
) -> None:
    settling = Settling(tracer=tracer, now=lambda: FETCHED_AT + 0.25)
    end = Settled(accepted=accepted, status=Status.COMPLETED if accepted else Status.CANCELLED)
    await settling.settled([settlement(None), settlement(TRACE)], [end, end])
    (span,) = ended.get_finished_spans()
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" in TRACE.traceparent
    assert span.end_time is not None
    assert span.start_time is not None
    assert span.end_time - span.start_time == 250_000_000
    told = dict(span.attributes or {})
    assert told["cfscraper.job.status"] == end.status
    assert told.get("error.type") == (None if accepted else "lease_lost")
