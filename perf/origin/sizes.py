"""Bodies of a size that is asked for, plain or packed, readable or not.

They are written block by block: a gigabyte costs the server no memory.
"""

import zlib
from collections.abc import Iterator
from random import Random

from aiohttp import web

from perf.origin.place import SEED, chance_of
from perf.origin.prose import BLOCK_BYTES, prose_blocks

# zlib's window bits choose the wrapping around the same stream.
CODINGS = {"deflate": zlib.MAX_WBITS, "gzip": zlib.MAX_WBITS + 16}


async def size(request: web.Request) -> web.StreamResponse:
    """`?deflate=1` and `?gzip=1` pack the body; both together pack it twice, in that order."""
    count = int(request.match_info["bytes"])
    blocks = prose_blocks(chance_of(request.app[SEED], request.path), count)
    codings = [coding for coding in CODINGS if request.query.get(coding) == "1"]
    for coding in codings:
        blocks = packed(blocks, CODINGS[coding])
    response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
    if codings:
        response.headers["Content-Encoding"] = ", ".join(codings)
    else:
        response.content_length = count
    return await sent(request, response, blocks)


async def binary(request: web.Request) -> web.StreamResponse:
    count = int(request.match_info["bytes"])
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    response.content_length = count
    return await sent(request, response, _noise(chance_of(request.app[SEED], request.path), count))


async def bad_encoding(_: web.Request) -> web.Response:
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Encoding": "gzip"}
    return web.Response(body=b"this was never packed\n", headers=headers)


def packed(blocks: Iterator[bytes], window_bits: int) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=window_bits)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()


async def sent(request: web.Request, response: web.StreamResponse, blocks: Iterator[bytes]) -> web.StreamResponse:
    await response.prepare(request)
    if request.method != "HEAD":
        for block in blocks:
            await response.write(block)
    await response.write_eof()
    return response


def _noise(chance: Random, count: int) -> Iterator[bytes]:
    for start in range(0, count, BLOCK_BYTES):
        yield chance.randbytes(min(BLOCK_BYTES, count - start))
