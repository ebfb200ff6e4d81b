"""A way to a server on which connections can come to lead nowhere, as when the machine behind an address is another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from perf.servers.valkey import HOST


class Detour:
    """Passes on what it is told both ways."""

    def __init__(self, port: int) -> None:
        self.url = ""
        self._port = port
        self._lost: set[asyncio.StreamWriter] = set()
        self._known: set[asyncio.StreamWriter] = set()

    def lose(self) -> None:
        """From now on nothing passes over the connections there are, and nobody is told."""
        self._lost |= self._known

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(HOST, self._port)
        self._known |= {writer, back}
        await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if writer not in self._lost:
                writer.write(data)
        writer.close()


@asynccontextmanager
async def detour(port: int) -> AsyncIterator[Detour]:
    way = Detour(port)
    async with await asyncio.start_server(way.serve, HOST, 0) as server:
        way.url = f"redis://{HOST}:{server.sockets[0].getsockname()[1]}/0"
        yield way
