"""Spans as the SDK hands them on, at once."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

from engine.jobs.trace import TraceContext

TRACE = TraceContext(f"00-{'1' * 32}-{'2' * 16}-01", "vendor=1")
UNSAMPLED = TraceContext(f"00-{'1' * 32}-{'2' * 16}-00")


@pytest.fixture
def ended() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(ended: InMemorySpanExporter) -> Iterator[Tracer]:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(ended))
    yield provider.get_tracer("test")
    provider.shutdown()
