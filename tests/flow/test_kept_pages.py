"""Pages that are kept, from the submit of a second job to its result."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from actors.daemon import Standing, _services
from actors.profiling import profiling
from actors.tracing import UNTRACED
from engine.api import build_app
from engine.runtime import Closing
from tests.flow.works import the_settings, works

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Client]:
    """The API over a whole system, in this process."""
    async with works(the_settings(folder)) as (outfit, root):
        closing = Closing()
        standing = Standing(name="test", closing=closing)
        standing.root = root
        async with (
            profiling(catalogue=outfit.gauges.catalogue) as looks,
            TestClient(TestServer(build_app(_services(outfit, standing, closing, looks, UNTRACED)))) as client,
        ):
            yield client


@asynccontextmanager
async def a_site(asked: list[str]) -> AsyncIterator[str]:
    async def page(request: web.Request) -> web.Response:
        asked.append(request.method)
        return web.Response(text="<p>Hello</p>", content_type="text/html", headers={"Cache-Control": "max-age=60"})

    app = web.Application()
    app.router.add_route("*", "/", page)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


async def scraped(client: Client, url: str, **config: Any) -> dict[str, Any]:
    async with client.post("/api/v1/scrape", json={"url": url, "config": config}) as answer:
        job_id = (await answer.json())["job_id"]
    async with client.get(f"/api/v1/scrape/{job_id}", params={"wait": 10}) as answer:
        status = (await answer.json())["status"]
    async with client.get(f"/api/v1/scrape/{job_id}/result") as answer:
        return {**await answer.json(), "status": status}


async def test_a_second_job_of_a_url_is_answered_from_the_first_and_says_so(tmp_path: Path) -> None:
    asked: list[str] = []
    async with a_site(asked) as url, serving(tmp_path) as client:
        first = await scraped(client, url)
        again = await scraped(client, url, extract_text=True)
        assert (first["from_cache"], again["from_cache"], asked) == (False, True, ["GET"])
        assert (again["status"], again["status_code"], again["content"]) == ("completed", 200, first["content"])
        assert (again["text"], again["final_url"]) == ("Hello", url)
        bypassed = await scraped(client, url, cache="bypass")
        assert (bypassed["from_cache"], asked) == (False, ["GET", "GET"])
        only = await scraped(client, url, cache="only")
        assert (only["from_cache"], asked) == (True, ["GET", "GET"])
        async with client.get("/metrics") as answer:
            told = await answer.text()
    assert 'cache_misses_total{cache_type="pages",key_prefix="page"} 1.0' in told
    assert 'cache_hits_total{cache_type="pages",key_prefix="page"} 2.0' in told


async def test_only_fails_at_once_where_nothing_is_kept(tmp_path: Path) -> None:
    asked: list[str] = []
    async with a_site(asked) as url, serving(tmp_path) as client:
        found = await scraped(client, url, cache="only", max_retries=3)
    assert (found["status"], found["error_type"], found["attempts"], asked) == ("failed", "not_cached", 1, [])
