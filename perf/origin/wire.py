"""The connection under a request, for answers no HTTP library would write.

Whoever writes here hangs up in the end: what follows on such a connection would not be HTTP.
"""

import asyncio

from aiohttp import web


def wire_of(request: web.Request) -> asyncio.Transport:
    """The open connection; ConnectionResetError when the client has left."""
    if request.transport is None:
        raise ConnectionResetError
    return request.transport


def hung_up(request: web.Request) -> web.Response:
    """Close once what was written is out; the response given back goes nowhere."""
    wire_of(request).close()
    return web.Response()
