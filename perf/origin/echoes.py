"""The request, told back: what a client really sent.

A body is shown as text, with the bytes that are none escaped; over a mebibyte it is a 413.
"""

import orjson
from aiohttp import web

from perf.origin.place import SEED, chance_of, number_in


async def echo(request: web.Request) -> web.Response:
    body = await request.read()
    return _json(
        {
            "method": request.method,
            "path": request.path,
            "query": list(request.query.items()),
            "headers": list(request.headers.items()),
            "body": body.decode(errors="backslashreplace"),
        }
    )


async def cookie(request: web.Request) -> web.Response:
    """Sets a cookie `visit` and shows the ones that came."""
    response = _json({"cookies": dict(request.cookies)})
    response.set_cookie("visit", f"{chance_of(request.app[SEED], request.path).getrandbits(64):016x}")
    return response


async def big_header(request: web.Request) -> web.Response:
    """`?bytes=` is the length of one header's value, 16 KiB unless told."""
    count = number_in(request, "bytes", default=16384, most=1024 * 1024)
    return web.Response(text="big\n", headers={"X-Big": "x" * count})


def _json(document: object) -> web.Response:
    return web.Response(body=orjson.dumps(document), content_type="application/json")
