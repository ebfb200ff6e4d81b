"""Any final status a server can answer with.

`?retry_after=` goes out as it was given, in seconds or as a date.
"""

from aiohttp import web

BODILESS = frozenset({204, 304})


async def status(request: web.Request) -> web.Response:
    code = int(request.match_info["code"])
    text = None if code in BODILESS else f"status {code}\n"
    response = web.Response(status=code, text=text)
    if "retry_after" in request.query:
        response.headers["Retry-After"] = request.query["retry_after"]
    return response
