"""A stream of lines over a bare connection: said and heard at the same time, as no HTTP library shows it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import SO_RCVBUF, SO_SNDBUF, SOL_SOCKET, socket
from typing import Any

import orjson
from yarl import URL

KEPT_BYTES = 65536
HEAD = b"POST /api/v1/scrape/stream HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n"


class Talk:
    """One request that goes on, and its answer that does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._heard = b""

    async def say(self, text: bytes) -> None:
        self._writer.write(b"%x\r\n%b\r\n" % (len(text), text))
        await self._writer.drain()

    async def tell(self, *documents: Any) -> None:
        await self.say(b"".join(orjson.dumps(document) + b"\n" for document in documents))

    async def end(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def vanish(self) -> None:
        self._writer.transport.abort()

    async def hear(self, count: int = 1) -> list[Any]:
        """So many lines; fewer if there are no more."""
        found: list[Any] = []
        while len(found) < count:
            line, end, rest = self._heard.partition(b"\n")
            if end:
                found.append(orjson.loads(line))
                self._heard = rest
            elif piece := await self._piece():
                self._heard += piece
            else:
                break
        return found

    async def rest(self) -> list[Any]:
        """All lines until the answer ends as it should; a connection that breaks off is an IncompleteReadError."""
        return await self.hear(1_000_000)

    async def head(self) -> bytes:
        return await self._reader.readuntil(b"\r\n\r\n")

    async def _piece(self) -> bytes:
        size = int(await self._reader.readuntil(b"\r\n"), 16)
        return (await self._reader.readexactly(size + 2))[:-2]


def narrow(end: socket) -> socket:
    """The kernel keeps little of what the other end does not take."""
    for way in (SO_RCVBUF, SO_SNDBUF):
        end.setsockopt(SOL_SOCKET, way, KEPT_BYTES)
    return end


@asynccontextmanager
async def talking(place: URL, headers: bytes = b"") -> AsyncIterator[Talk]:
    """Begins when the head of the answer has come, before a line was said."""
    end = narrow(socket())
    end.setblocking(False)
    await asyncio.get_running_loop().sock_connect(end, (place.host, place.port))
    reader, writer = await asyncio.open_connection(sock=end)
    try:
        writer.write(HEAD + headers + b"\r\n")
        talk = Talk(reader, writer)
        assert b"HTTP/1.1 200 OK" in await talk.head()
        yield talk
    finally:
        writer.close()
