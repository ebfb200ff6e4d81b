"""What every answer has: a request id, its time, an entry in the metrics; and if it is a refusal, the one body.

Here is the API's one broad except: whatever a handler raises becomes an answer.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from itertools import count
from typing import NamedTuple

from aiohttp import web
from aiohttp.hdrs import CONNECTION
from multidict import istr

from engine.api.answers import ErrorAnswer
from engine.api.dates import shown
from engine.api.errors import Refusal, refusal_of
from engine.api.patience import retry_after_s
from engine.api.rendering import json_answer
from engine.api.route import Handler
from engine.api.services import Services

UNMATCHED = "unmatched"
REQUEST_ID = istr("X-Request-ID")
RESPONSE_TIME = istr("X-Response-Time")
SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Visit(NamedTuple):
    """One request while it is answered."""

    id: str
    started: float


VISIT = web.RequestKey("visit", Visit)


class Attendant:
    """Sees every request in and every answer out."""

    def __init__(self, *, services: Services) -> None:
        self._services = services
        self._clock = services.clock
        self._closing = services.closing
        self._served = services.traffic.served
        self._ids = map(f"req_{int(services.wall() * 1000):x}_{{:x}}".format, count(1))

    def attended(self, handler: Handler, endpoint: str = UNMATCHED) -> Handler:
        """The handler with all that is done around it; `endpoint` is its route's path."""

        async def attend(request: web.Request) -> web.StreamResponse:
            visit = request[VISIT] = Visit(self._request_id(request), self._clock())
            try:
                answer = await handler(request)
            except Exception as error:  # noqa: BLE001 - the API's one broad except: an error of ours is an answer too
                answer = self._refused(request, visit, error)
            self._served(
                method=request.method,
                endpoint=endpoint,
                status_code=answer.status,
                seconds=self._clock() - visit.started,
            )
            return answer

        return attend

    async def sign(self, request: web.Request, answer: web.StreamResponse) -> None:
        """Streams too: called when the head of an answer is about to leave."""
        visit = request.get(VISIT)
        if visit is None:  # refused before any handler
            visit = Visit(self._request_id(request), self._clock())
        answer.headers[REQUEST_ID] = visit.id
        answer.headers[RESPONSE_TIME] = f"{self._clock() - visit.started:.6f}s"
        if self._closing.is_announced:  # a connection that is not kept is not cut when a request is on its way
            answer.headers[CONNECTION] = "close"
            answer.force_close()

    def _request_id(self, request: web.Request) -> str:
        given = request.headers.get(REQUEST_ID)
        return given if given is not None and SANE_ID.fullmatch(given) else next(self._ids)

    def _refused(self, request: web.Request, visit: Visit, error: Exception) -> web.Response:
        has_begun = bool(request.writer.output_size)
        if has_begun and isinstance(error, ConnectionError):  # the client went away
            raise error
        refusal = refusal_of(error)
        if refusal.status == 500:
            self._services.log.error("api.failed", request_id=visit.id, path=request.path, exc_info=error)
        if has_begun:  # only breaking it off tells that it is not whole
            raise ConnectionResetError from error
        return self._answer(visit, refusal)

    def _answer(self, visit: Visit, refusal: Refusal) -> web.Response:
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
