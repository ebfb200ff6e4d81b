"""Runs the HTTP application on a socket that the system has bound, so that a restart refuses nobody.

Told to stop it takes no new connections, finishes the requests that are open, and ends. There are never more than so
many connections: each holds memory, whatever it asks for, and one more is told to come again.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

from aiohttp import web

from engine.runtime import Actor

KEEPALIVE_S = 75.0
BACKLOG = 1024
"""Connections that wait to be accepted; more are refused by the kernel."""
READ_BUFFER_BYTES = 16 * 1024
"""Of a connection whose request nobody reads yet; twice as much comes in before the client is slowed down."""
TURNED_WITHIN_S = 1.0
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Server(Actor):
    """A life of the listening side; `build` makes the application anew for each."""

    def __init__(
        self,
        *,
        build: Callable[[], web.Application],
        listening: socket.socket,
        most_connections: int,
        shut: Callable[[], None],
        grace_s: float,
    ) -> None:
        """When told to stop it calls `shut`; open requests then have `grace_s` to be answered."""
        self._build = build
        self._listening = listening
        self._most_connections = most_connections
        self._shut = shut
        self._grace_s = grace_s
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        runner = web.AppRunner(
            self._build(),
            access_log=None,
            keepalive_timeout=KEEPALIVE_S,
            shutdown_timeout=self._grace_s,
            read_bufsize=READ_BUFFER_BYTES,
        )
        await runner.setup()
        try:
            accepting = await self._accepting(runner)
            await self._stopping.wait()
            accepting.close()
            self._shut()
        finally:
            await runner.cleanup()

    def stop(self) -> None:
        self._stopping.set()

    async def _accepting(self, runner: web.AppRunner) -> asyncio.Server:
        def accepted() -> asyncio.Protocol:
            serving = cast("web.Server", runner.server)
            return Turned() if len(serving.connections) >= self._most_connections else serving()

        loop = asyncio.get_running_loop()
        return await loop.create_server(accepted, sock=self._listening.dup(), backlog=BACKLOG)


class Turned(asyncio.Protocol):
    """A connection too many: it is told so at once, and closed when its request comes or does not."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._client = cast("asyncio.Transport", transport)
        self._client.write(REFUSAL)
        self._late = asyncio.get_running_loop().call_later(TURNED_WITHIN_S, transport.close)

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 - whatever it asks for
        self._client.close()

    def connection_lost(self, _: Exception | None) -> None:
        self._late.cancel()
