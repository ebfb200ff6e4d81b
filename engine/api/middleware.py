"""What every answer has: a request id, its time, an entry in the metrics; and if it is a refusal, the one body.

Here is the API's one broad except: whatever a handler raises becomes an answer.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from itertools import count

from aiohttp import web
from aiohttp.hdrs import CONNECTION
from multidict import istr

from engine.api.answers import ErrorAnswer
from engine.api.dates import shown
from engine.api.errors import Refusal, refusal_of
from engine.api.patience import retry_after_s
from engine.api.rendering import json_answer
from engine.api.route import Handler
from engine.api.services import ServerSpan, Services, Tracer
from engine.api.visit import VISIT, Visit
from engine.api.written import Written
from engine.jobs.errand import ERRAND
from engine.jobs.trace import TraceContext

UNMATCHED = "unmatched"
REQUEST_ID = istr("X-Request-ID")
RESPONSE_TIME = istr("X-Response-Time")
TRACEPARENT = istr("traceparent")
TRACESTATE = istr("tracestate")
SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Attendant:
    """Sees every request in and every answer out."""

    def __init__(self, *, services: Services) -> None:
        self._services = services
        self._clock = services.clock
        self._closing = services.closing
        self._served = services.traffic.served
        self._ids = map(f"req_{int(services.wall() * 1000):x}_{{:x}}".format, count(1))

    def attended(self, handler: Handler, endpoint: str = UNMATCHED, tracer: Tracer | None = None) -> Handler:
        """The handler with all that is done around it; `endpoint` is its route's path."""
        is_about_a_job = "{job_id}" in endpoint

        async def attend(request: web.Request) -> web.StreamResponse:
            visit = request[VISIT] = self._visit(request)
            if is_about_a_job:
                visit.job_id = request.match_info["job_id"]
            span = None if tracer is None else _span(tracer, request, visit, endpoint)
            answer: web.StreamResponse | None = None
            try:
                answer = await handler(request)
            except Exception as error:  # noqa: BLE001 - the API's one broad except: an error of ours is an answer too
                answer = self._refused(request, visit, error)
            finally:
                if span is not None:
                    span.end(status_code=None if answer is None else answer.status, job_id=visit.job_id)
            seconds = self._clock() - visit.started
            self._served(method=request.method, endpoint=endpoint, status_code=answer.status, seconds=seconds)
            if isinstance(answer, Written) and not self._closing.is_announced:
                answer.signature = f"{REQUEST_ID}: {visit.id}\r\n{RESPONSE_TIME}: {seconds:.6f}s\r\n"
            return answer

        return attend

    async def sign(self, request: web.Request, answer: web.StreamResponse) -> None:
        """Streams too: called when the head of an answer is about to leave."""
        visit = request.get(VISIT)
        if visit is None:  # refused before any handler
            visit = self._visit(request)
        answer.headers[REQUEST_ID] = visit.id
        answer.headers[RESPONSE_TIME] = f"{self._clock() - visit.started:.6f}s"
        if self._closing.is_announced:  # a connection that is not kept is not cut when a request is on its way
            answer.headers[CONNECTION] = "close"
            answer.force_close()

    def _visit(self, request: web.Request) -> Visit:
        """Not taken back at the end: what is still said of this request is said before the connection's next."""
        headers = request.headers
        traceparent, given = headers.get(TRACEPARENT), headers.get(REQUEST_ID)
        trace = None if traceparent is None else _continued(request, traceparent)
        if given is None or not SANE_ID.fullmatch(given):
            given = next(self._ids)
        visit = Visit(given, self._services, self._clock(), trace)
        ERRAND.set(visit)
        return visit

    def _refused(self, request: web.Request, visit: Visit, error: Exception) -> Written:
        has_begun = bool(request.writer.output_size)
        if has_begun and isinstance(error, ConnectionError):  # the client went away
            raise error
        refusal = refusal_of(error)
        if refusal.status == 500:
            self._services.log.error("api.failed", request_id=visit.id, path=request.path, exc_info=error)
        if has_begun:  # only breaking it off tells that it is not whole
            raise ConnectionResetError from error
        return self._answer(visit, refusal)

    def _answer(self, visit: Visit, refusal: Refusal) -> Written:
        body = ErrorAnswer(
            error=refusal.name,
            message=refusal.message,
            details=list(refusal.details) or None,
            timestamp=shown(self._services.wall()),
            request_id=visit.id,
        )
        return json_answer(body, status=refusal.status, headers={**refusal.headers, **self._patience(refusal)})

    def _patience(self, refusal: Refusal) -> Mapping[str, str]:
        if refusal.status != HTTPStatus.SERVICE_UNAVAILABLE:
            return {}
        return {"Retry-After": str(retry_after_s(self._services.figures))}


def _continued(request: web.Request, traceparent: str) -> TraceContext | None:
    """Of states in several headers the values make up one list."""
    return TraceContext.of(traceparent, ",".join(request.headers.getall(TRACESTATE, ())))


def _span(tracer: Tracer, request: web.Request, visit: Visit, endpoint: str) -> ServerSpan:
    """From here on the trace goes on from our own span."""
    span = tracer.serving(
        method=request.method, endpoint=endpoint, path=request.path, request_id=visit.id, parent=visit.trace
    )
    visit.trace = span.context
    return span
