"""A span for each outcome that was settled: from its fetch's end until it is on the disk."""

import time
from collections.abc import Callable, Sequence

from opentelemetry.trace import StatusCode, Tracer

from engine.jobs.query import Settled
from engine.jobs.trace import TraceContext
from engine.jobs.verdict import Settlement
from engine.tracing.context import under
from engine.tracing.names import ERROR, JOB_ID, JOB_STATUS, PERSIST

NO_LONGER_HELD = "lease_lost"
NANOSECONDS = 1e9


class Settling:
    """A witness of settled batches."""

    def __init__(self, *, tracer: Tracer, now: Callable[[], float]) -> None:
        """`now` is the clock by which outcomes came, in seconds."""
        self._tracer = tracer
        self._now = now

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:
        for settlement, end in zip(settlements, ends, strict=True):
            trace = settlement.lease.request.trace
            if trace is not None:
                self._show(trace, settlement, end)

    def _show(self, trace: TraceContext, settlement: Settlement, end: Settled) -> None:
        ended_ns = time.time_ns()
        took_s = 0.0 if settlement.span is None else max(self._now() - settlement.span[1], 0.0)
        span = self._tracer.start_span(
            PERSIST,
            under(trace),
            attributes={JOB_ID: settlement.lease.job_id, JOB_STATUS: end.status},
            start_time=ended_ns - int(took_s * NANOSECONDS),
        )
        if not end.accepted:
            span.set_attribute(ERROR, NO_LONGER_HELD)
            span.set_status(StatusCode.ERROR)
        span.end(ended_ns)
