"""Bodies that are small on the wire and huge once unpacked.

They are packed a mebibyte at a time and only the packed form, a thousandth, is kept.
"""

import asyncio
import zlib
from functools import lru_cache

from aiohttp import web

from perf.origin.sizes import CODINGS

MEBIBYTE = 1024 * 1024


@lru_cache(maxsize=8)
def bomb_body(mib: int) -> bytes:
    """A gzip stream that unpacks to `mib` mebibytes of zeros."""
    packer = zlib.compressobj(level=9, wbits=CODINGS["gzip"])
    zeros = bytes(MEBIBYTE)
    return b"".join(packer.compress(zeros) for _ in range(mib)) + packer.flush()


async def bomb(request: web.Request) -> web.Response:
    body = await asyncio.to_thread(bomb_body, int(request.match_info["mib"]))
    return web.Response(body=body, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})
