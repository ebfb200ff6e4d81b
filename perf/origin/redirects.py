"""Answers that point elsewhere: a chain that ends, a loop, and anywhere at all.

`?status=` chooses among 301, 302, 303, 307 and 308 and is carried along a chain.
"""

from aiohttp import web

from perf.origin.pages import text
from perf.origin.place import number_in

STATUSES = frozenset({301, 302, 303, 307, 308})


async def chain(request: web.Request) -> web.Response:
    left = int(request.match_info["n"])
    if left == 0:
        return await text(request)
    return _pointing(request, str(request.rel_url.with_path(f"/redirect/{left - 1}", keep_query=True)))


async def loop(request: web.Request) -> web.Response:
    return _pointing(request, str(request.rel_url))


async def anywhere(request: web.Request) -> web.Response:
    if "url" not in request.query:
        raise web.HTTPBadRequest(text="url is missing\n")
    return _pointing(request, request.query["url"])


def _pointing(request: web.Request, location: str) -> web.Response:
    status = number_in(request, "status", default=302, most=308)
    if status not in STATUSES:
        raise web.HTTPBadRequest(text=f"status is one of {sorted(STATUSES)}\n")
    return web.Response(status=status, headers={"Location": location})
