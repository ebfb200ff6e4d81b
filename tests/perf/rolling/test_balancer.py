"""The balancer between real servers and real clients."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

import aiohttp
from aiohttp import web

from perf.rolling.balancer import READY, Backend, Balancer, balancing
from tests.conftest import eventually


class Served:
    """A server that says who it is, or breaks off; and counts what it was asked."""

    def __init__(self) -> None:
        self.backend = Backend(url="")
        self.is_ready = True
        self.breaks_off = False
        self.asked: Counter[str] = Counter()

    async def ready(self, _: web.Request) -> web.Response:
        return web.Response(status=200 if self.is_ready else 503)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked[f"{request.method} {request.path_qs}"] += 1
        if self.breaks_off and request.transport is not None:
            request.transport.abort()
        return web.Response(status=202, text=await request.text(), headers={"X-Kind": request.headers["X-Kind"]})


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    server, app = Served(), web.Application()
    app.router.add_get(READY, server.ready)
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.backend.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def balanced(number: int) -> AsyncIterator[tuple[list[Served], Balancer, aiohttp.ClientSession]]:
    """Once all are seen to be ready."""
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(served()) for _ in range(number)]
        balancer = await stack.enter_async_context(balancing([each.backend for each in servers], random=Random(1)))
        client = await stack.enter_async_context(aiohttp.ClientSession(balancer.url, headers={"X-Kind": "any"}))
        await balancer.sees_all()
        yield servers, balancer, client


async def test_requests_come_whole_to_those_who_are_ready_in_turn() -> None:
    async with balanced(2) as (servers, balancer, client):
        for _ in range(4):
            async with client.post("/a%2Fb?c=%20d", data="body") as answer:
                assert (answer.status, await answer.text(), answer.headers["X-Kind"]) == (202, "body", "any")
        assert [dict(each.asked) for each in servers] == [{"POST /a%2Fb?c=%20d": 2}] * 2
        assert balancer.failed == []


async def test_nobody_is_asked_who_is_not_ready() -> None:
    async with balanced(1) as (servers, balancer, client):
        servers[0].is_ready = False
        await eventually(lambda: not servers[0].backend.ready.is_set())
        async with client.get("/any") as answer:
            assert answer.status == 502
        assert not servers[0].asked
        assert balancer.failed == ["GET /any: nobody is ready"]


async def test_what_fails_is_told_and_not_tried_a_second_time() -> None:
    async with balanced(2) as (servers, balancer, client):
        for each in servers:
            each.breaks_off = True
        async with client.get("/any") as answer:
            assert answer.status == 502
        assert sum(each.asked.total() for each in servers) == len(balancer.failed) == 1
