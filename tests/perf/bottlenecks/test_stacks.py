from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from perf.bottlenecks.stacks import PATH, NoProfileError, stacks

PROFILE = {
    "kind": "cpu",
    "cpu": {
        "names": ["runner:main", "fetcher:run", "select:poll"],
        "stacks": [
            {"thread": "MainThread", "frames": [0, 2], "is_idle": True, "samples": 900},
            {"thread": "MainThread", "frames": [0, 1], "is_idle": False, "samples": 75},
            {"thread": "write", "frames": [0], "is_idle": False, "samples": 25},
        ],
    },
}


async def asked(status: int, answer: Any) -> list[tuple[str, float]]:
    async def profile(request: web.Request) -> web.Response:
        assert request.query["kind"] == "cpu"
        return web.json_response(answer, status=status)

    app = web.Application()
    app.router.add_post(PATH, profile)
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        url = str(server.make_url("")).rstrip("/")
        return [(stack.frames, stack.part) for stack in await stacks(client, url)]


async def test_busy_stacks_come_with_their_parts_and_idle_ones_not_at_all() -> None:
    assert await asked(200, PROFILE) == [("MainThread;runner:main;fetcher:run", 0.75), ("write;runner:main", 0.25)]


@pytest.mark.parametrize(
    ("status", "answer", "why"),
    [(404, {}, "has no profiler"), (409, {}, "answered 409"), (200, {"cpu": None}, "did not answer")],
)
async def test_where_there_is_none_it_says_why(status: int, answer: Any, why: str) -> None:
    with pytest.raises(NoProfileError, match=why):
        await asked(status, answer)
