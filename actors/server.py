"""Accepts connections for the HTTP application, on a socket that the system has bound.

Socket and connections outlive a server that crashes: who connects meanwhile waits, others notice nothing.
Told to stop it takes no new connections, finishes the requests that are open, and ends. There are never more than so
many connections: each holds memory, whatever it asks for, and one more is told to come again.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web

from engine.runtime import Actor

KEEPALIVE_S = 75.0
BACKLOG = 1024
"""Connections that wait to be accepted; more are refused by the kernel."""
READ_BUFFER_BYTES = 16 * 1024
"""Of a connection whose request nobody reads yet; twice as much comes in before the client is slowed down."""
TURNED_WITHIN_S = 1.0
CUT_WITHIN_S = 0.02
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def connections(
    app: web.Application, *, grace_s: float, answered: Handler | None = None
) -> AsyncIterator[web.AppRunner]:
    """What serves the connections of all lives of a server; at its cleanup open requests have `grace_s` to end.

    Those that no server cleaned up are cut in the end: nobody is left to answer them. `answered` is a shorter way to
    the application's answers.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=KEEPALIVE_S,
        shutdown_timeout=grace_s,
        read_bufsize=READ_BUFFER_BYTES,
    )
    await runner.setup()
    if answered is not None and runner.server is not None:
        runner.server.request_handler = answered  # type: ignore[assignment]  # all requests are the application's
    try:
        yield runner
    finally:
        if runner.server is not None:
            await runner.server.shutdown(CUT_WITHIN_S)
        await runner.cleanup()


class Server(Actor):
    """A life of the listening side."""

    def __init__(
        self,
        *,
        runner: web.AppRunner,
        listening: socket.socket,
        most_connections: int,
        shut: Callable[[], None],
    ) -> None:
        """When told to stop it calls `shut`, and cleans up the runner."""
        self._runner = runner
        self._listening = listening
        self._most_connections = most_connections
        self._shut = shut
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        accepting = await self._accepting()
        try:
            await self._stopping.wait()
        finally:
            accepting.close()
        self._shut()
        await self._runner.cleanup()

    def stop(self) -> None:
        self._stopping.set()

    async def _accepting(self) -> asyncio.Server:
        serving = cast("web.Server", self._runner.server)

        def accepted() -> asyncio.Protocol:
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
