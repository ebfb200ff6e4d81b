"""Spans on their way to a collector, as the OTEL_* environment says: a bounded queue and one thread that empties it.

A collector that is slow or away costs the spans that the queue does not hold, and nothing else.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer

from engine.runtime import Deadline, DeadlineExpired

SCOPE = "cfscraper"
UNNAMED = "unknown_service"
SAID_EVERY_S = 60.0
KINDS = 32
"""Of complaints, by their words before anything is filled in."""


class Export:
    """From its making on; `close` it."""

    def __init__(self, *, version: str, tell: Callable[[str], None]) -> None:
        """`tell` is told, of each kind once a minute at most and from any thread, what keeps spans from being sent.

        Raises ValueError where the environment says what cannot be.
        """
        self._grievances = Grievances(tell)
        self._exporter = OTLPSpanExporter()
        self._provider = TracerProvider(resource=_resource(version), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self.tracer: Tracer = self._provider.get_tracer(SCOPE, version)

    async def close(self, *, within_s: float) -> None:
        """Sends what is queued; what is not sent by then is let go. Threads that hang still end with the process."""
        loop, is_sent = asyncio.get_running_loop(), asyncio.Event()

        def send() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # nobody waits any more
                loop.call_soon_threadsafe(is_sent.set)

        threading.Thread(target=send, name="spans.close", daemon=True).start()
        try:
            with Deadline(within_s):
                await is_sent.wait()
        except DeadlineExpired:
            self._exporter.shutdown()  # type: ignore[no-untyped-call]  # it says nothing of its types
        finally:
            self._grievances.end()


class Grievances(logging.Handler):
    """Takes what the SDK says into a line of each kind now and then: it would say some for each batch."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self._said_at: dict[str, float] = {}
        logger = logging.getLogger("opentelemetry")
        logger.propagate = False
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        now, kind = monotonic(), str(record.msg)
        if now - self._said_at.get(kind, -SAID_EVERY_S) < SAID_EVERY_S:
            return
        if len(self._said_at) == KINDS:
            self._said_at.clear()
        self._said_at[kind] = now
        self._tell(record.getMessage())

    def end(self) -> None:
        """The SDK's threads may still speak: nobody listens then."""
        self.setLevel(logging.CRITICAL + 1)


def _resource(version: str) -> Resource:
    """What the environment names, and what it leaves out."""
    told = Resource.create()
    is_named = not str(told.attributes[SERVICE_NAME]).startswith(UNNAMED)
    named = told if is_named else told.merge(Resource({SERVICE_NAME: SCOPE}))
    return Resource({SERVICE_VERSION: version}).merge(named)
