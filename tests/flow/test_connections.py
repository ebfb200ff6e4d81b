"""The actor that serves the API, on a socket of its system's."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import aiohttp
import pytest
from aiohttp import web

from actors.server import Server

MOST = 3
Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HELLO = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(build=_greeting, listening=listening, most_connections=MOST, shut=listening.close, grace_s=5)
    running = asyncio.create_task(server.run())
    yield listening.getsockname()[1]
    server.stop()
    await running
    assert listening.fileno() == -1


def _greeting() -> web.Application:
    async def greet(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", greet)
    return app


async def test_one_connection_too_many_is_told_to_come_again_and_the_others_stay(port: int) -> None:
    async with AsyncExitStack() as opened:
        held = [await opened.enter_async_context(_connected(port)) for _ in range(MOST - 1)]
        async with _connected(port) as last:
            assert [await _status(client) for client in (*held, last)] == [b"200"] * MOST
            async with _connected(port) as (reader, _):
                assert (await reader.read()).startswith(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n")
        assert await _answered(port) == "hello"
        assert [await _status(client) for client in held] == [b"200"] * len(held)


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def _status(client: Client) -> bytes:
    """What it is answered."""
    reader, writer = client
    writer.write(HELLO)
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(len("hello"))
    return head.split(b" ", 2)[1]


async def _answered(port: int) -> str:
    """Once the server has seen that there is room again."""
    async with aiohttp.ClientSession() as client:
        while True:
            with suppress(aiohttp.ClientError):
                async with client.get(f"http://127.0.0.1:{port}/", raise_for_status=True) as answer:
                    return await answer.text()
