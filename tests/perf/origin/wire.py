"""A connection without an HTTP library, to see what one would hide.

Reading ends with the connection, which every request asks to be closed.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from yarl import URL


@asynccontextmanager
async def asked(origin: str, target: str) -> AsyncIterator[asyncio.StreamReader]:
    """The stream behind a GET, from its status line on."""
    url = URL(origin)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        writer.write(f"GET {target} HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n".encode())
        yield reader
    finally:
        writer.close()
        await writer.wait_closed()


async def answered(origin: str, target: str) -> bytes:
    """All that came until the end of the connection, but for the date."""
    async with asked(origin, target) as reader:
        return re.sub(rb"Date: [^\r]*\r\n", b"", await reader.read())


async def parted(origin: str, target: str) -> tuple[bytes, bytes]:
    """Head and body."""
    head, _, body = (await answered(origin, target)).partition(b"\r\n\r\n")
    return head, body
