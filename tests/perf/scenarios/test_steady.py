"""A steady load on an application that answers late, wrongly or not at all."""

import asyncio
from collections import Counter
from time import perf_counter

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from perf.scenarios.steady import Plan, Steady, asked_apart
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
        steady = Steady(session=session, expected=expected, plan=plan(len(expected)))
        running = asyncio.ensure_future(steady.run())
        await eventually(lambda: len(steady.asked) == 3)
        assert Counter(each.fault for each in steady.asked) == {"": 1, "status 500": 1, "another answer": 1}
        late.set()
        await running
        assert not steady.asked[-1].fault


async def test_a_server_that_is_gone_is_a_failure_and_so_is_each_request() -> None:
    async with aiohttp.ClientSession() as session:
        steady = Steady(session=session, expected={"http://127.0.0.1:1/": b""}, plan=plan(50))
        await steady.run()
    assert Counter(each.fault for each in steady.asked) == {"ClientConnectorError": 50}


async def test_what_the_service_says_it_took_is_told_beside_what_it_seemed_to_take_by_a_process_of_its_own() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="ä", headers={"X-Response-Time": "0.250000s"})

    app = web.Application()
    app.router.add_get("/", answer)
    async with TestServer(app) as server:
        asked = await asked_apart({str(server.make_url("/")): "ä".encode()}, plan(20))
    assert [each.own_s for each in asked] == [0.25] * 20
    assert all(each.taken_s > 0 and each.late_s >= 0 and not each.fault for each in asked)


def plan(most: int) -> Plan:
    return Plan(begins=perf_counter(), rate=1000, most=most)
