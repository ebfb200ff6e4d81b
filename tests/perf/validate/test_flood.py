"""The flood of a warm-up: bounded in jobs, in time, and in how many wait."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from perf.load.ground import Ground
from perf.validate.callers import Book
from perf.validate.flood import BULK, WAITING, Flood

JOBS = 1000


class Service:
    """Has so many more over at each look."""

    def __init__(self, a_look: int) -> None:
        self.waiting = self.most = 0
        self._a_look = a_look

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/v1/scrape/bulk", self._bulk)
        app.router.add_get("/api/v1/jobs/queue/status", self._status)
        return app

    async def _bulk(self, request: web.Request) -> web.Response:
        jobs = (await request.json())["jobs"]
        self.waiting += len(jobs)
        self.most = max(self.most, self.waiting)
        return web.json_response({"job_ids": [each["url"] for each in jobs]}, status=202)

    async def _status(self, _: web.Request) -> web.Response:
        self.waiting = max(self.waiting - self._a_look, 0)
        return web.json_response({"due": self.waiting, "running_jobs": 0, "max_concurrent_jobs": 64})


@asynccontextmanager
async def _flooded(service: Service, *, lasts_s: float, stops: bool = False) -> AsyncIterator[tuple[Flood, Book]]:
    book = Book()
    async with TestServer(service.app()) as server, aiohttp.ClientSession() as client:
        ground = Ground(url=str(server.make_url("")).rstrip("/"), site="http://site.test", pid=None)
        flood = Flood(client=client, ground=ground, book=book, most=JOBS)
        await flood.run(lasts_s, lambda: stops)
        yield flood, book


async def test_it_ends_when_all_its_jobs_are_over() -> None:
    service = Service(a_look=BULK)
    async with _flooded(service, lasts_s=60) as (flood, book):
        assert (flood.jobs, book.accepted, len(book.jobs), service.waiting) == (JOBS, JOBS, JOBS, 0)
        assert not book.faults


async def test_a_service_that_does_not_work_it_off_is_not_flooded_for_long_nor_with_much() -> None:
    service, began = Service(a_look=0), perf_counter()
    async with _flooded(service, lasts_s=1.5) as (flood, _):
        assert flood.jobs == service.most
        assert service.most < WAITING + BULK
        assert perf_counter() - began < 10


async def test_whoever_stops_it_has_no_jobs_made() -> None:
    async with _flooded(Service(a_look=BULK), lasts_s=60, stops=True) as (flood, _):
        assert not flood.jobs
