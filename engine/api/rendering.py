"""Values as JSON answers."""

from collections.abc import Mapping

import orjson
from aiohttp import web

JSON = "application/json"
NDJSON = "application/x-ndjson"


def json_answer(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return written_answer(rendered(value), status=status, headers=headers)


def written_answer(body: bytes, *, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    answer = web.Response(body=body, status=status, content_type=JSON)
    if headers:
        answer.headers.update(headers)
    return answer


def rendered(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
