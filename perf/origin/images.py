"""Small pictures for the pages to show.

Each is a valid PNG of one colour.
"""

import struct
import zlib

from aiohttp import web

from perf.origin.place import SEED, chance_of

SIDE = 16


def image_body(seed: int, n: int) -> bytes:
    """The bytes of `/image/{n}`."""
    colour = chance_of(seed, f"/image/{n}").randbytes(3)
    rows = (b"\0" + colour * SIDE) * SIDE
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


async def image(request: web.Request) -> web.Response:
    return web.Response(body=image_body(request.app[SEED], int(request.match_info["n"])), content_type="image/png")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
