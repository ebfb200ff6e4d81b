"""Connections that end before the answer does.

What was promised beforehand is valid HTTP, so that only the missing rest is wrong.
"""

from aiohttp import web

from perf.origin.place import SEED, chance_of
from perf.origin.prose import BLOCK_BYTES, prose_blocks
from perf.origin.wire import hung_up

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


async def cut_length(request: web.Request) -> web.StreamResponse:
    """Sends the bytes asked for, having promised twice as many and one."""
    count = int(request.match_info["bytes"])
    response = web.StreamResponse(headers=PLAIN)
    response.content_length = 2 * count + 1
    return await _broken_off(request, response, count)


async def cut_chunked(request: web.Request) -> web.StreamResponse:
    """Sends one whole chunk and never the last."""
    response = web.StreamResponse(headers=PLAIN)
    response.enable_chunked_encoding()
    return await _broken_off(request, response, BLOCK_BYTES)


async def refused(request: web.Request) -> web.StreamResponse:
    return hung_up(request)


async def _broken_off(request: web.Request, response: web.StreamResponse, count: int) -> web.StreamResponse:
    await response.prepare(request)
    for block in prose_blocks(chance_of(request.app[SEED], request.path), count):
        await response.write(block)
    return hung_up(request)
