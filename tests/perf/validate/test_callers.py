"""Callers keep their pace, and tell what was answered, refused and failed apart."""

import asyncio
from time import perf_counter

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from perf.validate.callers import MIX, WITHIN_S, Book, Callers, job_in
from tests.conftest import eventually


def _service() -> web.Application:
    async def accept(_: web.Request) -> web.Response:
        return web.json_response({"job_id": "job_1"}, status=202)

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "1"})

    async def fail(_: web.Request) -> web.Response:
        return web.Response(status=500)

    async def well(_: web.Request) -> web.Response:
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/api/v1/scrape", accept)
    app.router.add_get("/api/v1/jobs", refuse)
    app.router.add_post("/api/v1/jobs/search", fail)
    app.router.add_get("/{any:.*}", well)
    return app


async def test_calls_are_made_at_a_pace_and_each_answer_has_its_place() -> None:
    book = Book()
    async with TestServer(_service()) as server, aiohttp.ClientSession() as client:
        url = str(server.make_url("")).rstrip("/")
        callers = Callers(client=client, url=url, site="http://site.test", rate=300.0, book=book)
        began, running = perf_counter(), asyncio.ensure_future(callers.run())
        tallies = callers.tallies
        await eventually(lambda: all([tallies["list"].refused, tallies["search"].failures, tallies["health"].taken_s]))
        callers.stop()
        await running
        took_s = perf_counter() - began
    assert set(tallies) == set(MIX)
    asked = sum(len(tally.taken_s) + tally.refused for tally in tallies.values())
    assert asked <= 300 * took_s + 30 + 1
    assert book.accepted == len(tallies["submit"].taken_s) > 0
    assert set(book.jobs) == {"job_1"}
    assert not tallies["list"].taken_s
    assert tallies["search"].calls().p95_ms == WITHIN_S * 1000
    assert book.faults == {"search: status 500": tallies["search"].failures}


@pytest.mark.parametrize("told", [b"", b"{}", b"[]", b"<p>"])
def test_an_answer_that_names_no_job_names_none(told: bytes) -> None:
    assert job_in(told) is None
