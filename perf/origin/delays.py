"""Answers that take their time, each at another point.

Waiting holds no thread, and ends with the client's connection.
"""

import asyncio

from aiohttp import web

from perf.origin.guests import GUESTS
from perf.origin.pages import page
from perf.origin.place import SEED, chance_of, number_in
from perf.origin.prose import prose_blocks
from perf.origin.wire import hung_up, wire_of

LONGEST_MS = 3_600_000


async def delayed_page(request: web.Request) -> web.Response:
    with request.app[GUESTS].one_more():
        await _asked_delay(request)
    return await page(request)


async def late_headers(request: web.Request) -> web.Response:
    """The status line is on the wire at once; the rest of the head is what is late."""
    wire = wire_of(request)
    wire.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
    await _asked_delay(request)
    wire.write(b"Content-Length: 5\r\nConnection: close\r\n\r\nlate\n")
    return hung_up(request)


async def slow(request: web.Request) -> web.StreamResponse:
    every_ms = number_in(request, "every_ms", default=100, most=LONGEST_MS)
    response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
    response.content_length = int(request.match_info["bytes"])
    await response.prepare(request)
    for block in prose_blocks(chance_of(request.app[SEED], request.path), response.content_length):
        for at in range(len(block)):
            await response.write(block[at : at + 1])
            await asyncio.sleep(every_ms / 1000)
    return response


async def hang(_: web.Request) -> web.Response:
    answer: asyncio.Future[web.Response] = asyncio.get_running_loop().create_future()
    return await answer


async def _asked_delay(request: web.Request) -> None:
    await asyncio.sleep(int(request.match_info["ms"]) / 1000)
