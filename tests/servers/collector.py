"""A collector of traces: takes OTLP over HTTP, and keeps what it was sent."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.conftest import eventually

PROTOBUF = "application/x-protobuf"
KINDS = {Span.SPAN_KIND_SERVER: "server", Span.SPAN_KIND_CLIENT: "client", Span.SPAN_KIND_INTERNAL: "internal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One span. Ids are in hex, `parent_id` empty at a root."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    state: str
    has_failed: bool
    took_s: float
    attributes: dict[str, Any]
    resource: dict[str, Any]


class Collector:
    """Spans in the order in which they came."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[Seen] = []
        self._is_open = asyncio.Event()
        self._is_open.set()

    def hang(self) -> None:
        """Answers nobody any more."""
        self._is_open.clear()

    def of(self, trace_id: str) -> list[Seen]:
        return [span for span in self.spans if span.trace_id == trace_id]

    async def has(self, trace_id: str, *names: str) -> list[Seen]:
        """The spans of a trace, by their names, once there are these, each as often."""
        await eventually(lambda: sorted(span.name for span in self.of(trace_id)) == sorted(names), within_s=20)
        return sorted(self.of(trace_id), key=lambda span: span.name)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        assert request.content_type == PROTOBUF
        await self._is_open.wait()
        sent = ExportTraceServiceRequest.FromString(
            gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body
        )
        for resource in sent.resource_spans:
            for scope in resource.scope_spans:
                self.spans += (_seen(span, _plain(resource.resource.attributes)) for span in scope.spans)
        return web.Response(body=ExportTraceServiceResponse().SerializeToString(), content_type=PROTOBUF)


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector, app = Collector(), web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield collector
    finally:
        await runner.cleanup()


def _seen(span: Span, resource: dict[str, Any]) -> Seen:
    return Seen(
        name=span.name,
        kind=KINDS[span.kind],
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        state=span.trace_state,
        has_failed=span.status.code == Status.STATUS_CODE_ERROR,
        took_s=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        attributes=_plain(span.attributes),
        resource=resource,
    )


def _plain(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {each.key: _value(each.value) for each in attributes}


def _value(value: AnyValue) -> Any:
    return getattr(value, value.WhichOneof("value") or "string_value")
