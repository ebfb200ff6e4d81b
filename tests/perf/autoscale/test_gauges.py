"""What an adapter would bring, from the processes' own pages and through a real Prometheus."""

import asyncio
from collections.abc import AsyncIterator
from math import inf

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from perf.autoscale.gauges import FIGURES, Gauges, gauges
from perf.servers.prometheus import is_installed

NAME = "cfscraper_backlog_seconds"


def page(value: float) -> str:
    return f"# TYPE backlog_seconds gauge\nbacklog_seconds {value}\n# TYPE job_queue_size gauge\njob_queue_size 3.0\n"


@pytest.mark.parametrize(
    ("values", "seen"),
    [([], None), ([float("nan")], None), ([float("nan"), 2.0], 2.0), ([1.0, 5.0], 5.0), ([inf, 5.0], 3600.0)],
)
def test_the_largest_counts_what_is_not_known_does_not_and_nothing_moves_is_an_hour(
    values: list[float], seen: float | None
) -> None:
    assert FIGURES[NAME].of([page(value) for value in values]) == seen


async def metrics(_: web.Request) -> web.Response:
    return web.Response(text=page(120.0))


@pytest.fixture
async def pod() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/metrics", metrics)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.mark.parametrize("every_s", [None, pytest.param(0.2, marks=pytest.mark.slow)])
async def test_a_metric_is_known_once_a_pod_tells_it_and_unknown_when_it_is_gone(
    pod: str, every_s: float | None
) -> None:
    if every_s is not None and not is_installed():
        pytest.skip("no Prometheus here")
    urls = [pod]
    async with gauges(every_s=every_s, urls=lambda: list(urls)) as source:
        await tells(source, 120.0)
        assert await source.value("nobodys_metric") is None
        urls.clear()
        await tells(source, None)


async def tells(source: Gauges, value: float | None) -> None:
    async with asyncio.timeout(20):
        while await source.value(NAME) != value:
            pass
