"""A monitor before a service that comes and goes."""

import asyncio
import os
from io import StringIO
from pathlib import Path

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rich.console import Console

from perf.monitor.command import Monitor, record_of
from perf.monitor.process_of import process_of
from perf.monitor.view import View
from perf.sampler import Sampler
from tests.conftest import eventually

EVERY_S = 0.05


class Service:
    """Shows a page more each time it is asked, and is away the third and fourth time."""

    def __init__(self) -> None:
        self.asked = 0

    async def metrics(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.asked in (3, 4):
            raise web.HTTPBadGateway
        text = f"# TYPE scraper_requests_total counter\nscraper_requests_total {self.asked}\njob_queue_size 4\n"
        return web.Response(text=text)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/metrics", self.metrics)
        return app


def a_monitor(url: str, path: Path, console: Console, *, total: int | None = None) -> Monitor:
    return Monitor(
        sampler=Sampler(url=url.rstrip("/"), pid=os.getpid(), headers={}),
        record=record_of(path, {}),
        view=View(console=console, host=url, total=total),
        every_s=EVERY_S,
        total=total,
    )


@pytest.mark.parametrize("is_terminal", [True, False])
async def test_a_service_that_is_away_is_a_gap_and_not_the_end(tmp_path: Path, *, is_terminal: bool) -> None:
    console, path = Console(file=StringIO(), width=160, force_terminal=is_terminal), tmp_path / "watch.json"
    async with TestServer(Service().app()) as server:
        await a_monitor(str(server.make_url("/")), path, console, total=6).run({})
    found = orjson.loads(path.read_bytes())
    assert ["gap" in sample for sample in found["samples"]] == [False, False, True, True, False, False]
    assert [sample.get("queue") for sample in found["samples"]] == [4.0, 4.0, None, None, 4.0, 4.0]
    assert all(sample["rss_mib"] > 1 for sample in found["samples"])
    assert found["samples"][-1]["pages_per_s"] > 0
    assert found["summary"]["gaps"] == 2
    assert isinstance(console.file, StringIO)
    shown = console.file.getvalue()
    assert ("NOT REACHED" if is_terminal else "not reached: ClientResponseError") in shown
    assert "6 of 6 samples" in shown


async def test_who_stops_it_has_a_summary(tmp_path: Path) -> None:
    path, service = tmp_path / "watch.json", Service()
    async with TestServer(service.app()) as server:
        monitor = a_monitor(str(server.make_url("/")), path, Console(file=StringIO()))
        running = asyncio.ensure_future(monitor.run({}))
        await eventually(lambda: service.asked > 1)
        monitor.stop()
        summary = await running
    assert orjson.loads(path.read_bytes())["summary"]["samples"] == summary.samples > 1


async def test_the_process_that_listens_here_is_known_and_one_elsewhere_is_not() -> None:
    async with TestServer(Service().app()) as server:
        assert process_of(str(server.make_url("/"))) == os.getpid()
        assert process_of(f"http://192.0.2.1:{server.port}") is None
    assert process_of("http://127.0.0.1:1") is None
