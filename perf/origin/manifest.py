"""What the pages ought to be, so that a scrape can be compared byte for byte.

It lists pages 0 to n-1 with their sizes and digests; asking for it makes them, which readies the server to be measured.
"""

import asyncio
from collections.abc import Callable
from hashlib import sha256

import orjson
from aiohttp import web

from perf.origin.pages import PAGES
from perf.origin.place import SEED, number_in

MOST_PAGES = 100_000


async def manifest(request: web.Request) -> web.Response:
    count = number_in(request, "n", default=2000, most=MOST_PAGES)
    entries = await asyncio.to_thread(_entries, request.app[PAGES], count)
    body = orjson.dumps({"seed": request.app[SEED], "pages": entries})
    return web.Response(body=body, content_type="application/json")


def _entries(body_of: Callable[[int], bytes], count: int) -> list[dict[str, str | int]]:
    return [_entry(n, body_of(n)) for n in range(count)]


def _entry(n: int, body: bytes) -> dict[str, str | int]:
    return {"path": f"/page/{n}", "bytes": len(body), "sha256": sha256(body).hexdigest()}
