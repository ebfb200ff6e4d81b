"""The actor that serves the API, on a socket of its system's."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random

import aiohttp
import pytest
from aiohttp import web

from actors.server import Server, connections
from engine.runtime import Child, RestartPolicy, Strategy, Supervisor
from tests.actors.test_kills import killed

MOST = 3
DEATHS = 3
Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HELLO = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
LATE = HELLO.replace(b"/ ", b"/late ")
RESTARTS = RestartPolicy(max_restarts=DEATHS, window_s=60, backoff_first_s=0.01, backoff_cap_s=0.01, calm_s=60)


@dataclass(slots=True)
class Site:
    """Greets at once, or when it is time."""

    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    is_time: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._greet)
        app.router.add_get("/late", self._greet_late)
        return app

    async def _greet(self, _: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def _greet_late(self, request: web.Request) -> web.Response:
        self.is_asked.set()
        await self.is_time.wait()
        return await self._greet(request)


@dataclass(frozen=True, slots=True)
class Serving:
    port: int
    site: Site
    root: Supervisor


@pytest.fixture
async def serving() -> AsyncIterator[Serving]:
    listening, site = socket.create_server(("127.0.0.1", 0)), Site()
    async with connections(site.app(), grace_s=5) as runner:
        child = Child(
            name="server",
            build=lambda: Server(runner=runner, listening=listening, most_connections=MOST, shut=listening.close),
            stop=Server.stop,
        )
        root = Supervisor(
            name="root", children=[child], strategy=Strategy.ONE_FOR_ONE, policy=RESTARTS, random=Random(7)
        )
        running = asyncio.create_task(root.run())
        yield Serving(listening.getsockname()[1], site, root)
        await root.drain()
        await running
    assert listening.fileno() == -1


async def test_one_connection_too_many_is_told_to_come_again_and_the_others_stay(serving: Serving) -> None:
    async with AsyncExitStack() as opened:
        held = [await opened.enter_async_context(_connected(serving.port)) for _ in range(MOST - 1)]
        async with _connected(serving.port) as last:
            assert [await _status(client) for client in (*held, last)] == [b"200"] * MOST
            async with _connected(serving.port) as (reader, _):
                assert (await reader.read()).startswith(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n")
        assert await _answered(serving.port) == "hello"
        assert [await _status(client) for client in held] == [b"200"] * len(held)


async def test_a_server_that_crashes_again_and_again_loses_no_connection_and_no_request(serving: Serving) -> None:
    async with _connected(serving.port) as held, _connected(serving.port) as waiting:
        assert await _status(held) == b"200"
        waiting[1].write(LATE)
        await serving.site.is_asked.wait()
        for _ in range(DEATHS):
            death = asyncio.create_task(killed(serving.root, "server"))
            async with _connected(serving.port) as new:
                assert [await _status(client) for client in (held, new)] == [b"200"] * 2
            await death
        serving.site.is_time.set()
        assert await _answer(waiting[0]) == b"200"


async def test_what_is_open_when_the_server_is_gone_for_good_is_cut_in_the_end() -> None:
    site = Site()
    async with connections(site.app(), grace_s=60) as runner:
        assert runner.server is not None
        server = await asyncio.get_running_loop().create_server(runner.server, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(LATE)
        await site.is_asked.wait()
        server.close()
    assert await reader.read() == b""
    writer.close()


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
    return await _answer(reader)


async def _answer(reader: asyncio.StreamReader) -> bytes:
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
