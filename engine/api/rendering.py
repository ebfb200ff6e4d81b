"""Values as JSON answers."""

from collections.abc import Mapping

import orjson
from aiohttp import web
from multidict import CIMultiDict

JSON = "application/json"


def json_answer(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    written = CIMultiDict({"Content-Type": JSON})
    if headers:
        written.update(headers)
    return web.Response(body=orjson.dumps(value, option=orjson.OPT_UTC_Z), status=status, headers=written)
