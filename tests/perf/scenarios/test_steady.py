"""A steady load on an application that answers late, wrongly or not at all."""

import asyncio
from collections import Counter

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from perf.scenarios.steady import Steady
from tests.conftest import eventually


async def test_each_answer_is_judged_and_none_waits_for_another() -> None:
    late = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        name = request.path.removeprefix("/")
        if name == "late":
            await late.wait()
        return web.Response(text=name, status=500 if name == "refused" else 200)

    app = web.Application()
    app.router.add_get("/{name}", answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        expected = {str(server.make_url(f"/{name}")): name.encode() for name in ("late", "right", "refused", "other")}
        expected[str(server.make_url("/other"))] = b"another's"
        steady = Steady(session=session, expected=expected, rate=1000, most=len(expected))
        running = asyncio.ensure_future(steady.run())
        await eventually(lambda: len(steady.asked) == 3)
        assert Counter(each.fault for each in steady.asked) == {"": 1, "status 500": 1, "another answer": 1}
        late.set()
        await running
        assert not steady.asked[-1].fault


async def test_it_ends_when_it_is_told_and_counts_a_server_that_is_gone_as_a_failure() -> None:
    async with aiohttp.ClientSession() as session:
        steady = Steady(session=session, expected={"http://127.0.0.1:1/": b""}, rate=1000, most=1_000_000)
        running = asyncio.ensure_future(steady.run())
        await eventually(lambda: steady.asked)
        steady.stop()
        await running
        assert {each.fault for each in steady.asked} == {"ClientConnectorError"}
