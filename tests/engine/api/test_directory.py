"""One look finds what aiohttp's own search finds, and its refusals are answered as all others are."""

import asyncio
from typing import cast

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from engine.api import Services, build_app
from engine.api.routes import ROUTES
from tests.engine.api.conftest import Client
from tests.engine.api.services import Tally, the_services
from tests.engine.api.shelf import Shelf

METHODS = st.sampled_from(["GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS"])
IDS = ["job_1", "batch_1", "job_", "job_%31", "job_é", "job_1%2F", f"job_{'a' * 65}", "stream", "bulk", "{job_id}"]
PATTERNS = st.sampled_from([route.path for route in ROUTES])


@st.composite
def paths(draw: st.DrawFn) -> str:
    path = draw(PATTERNS)
    for name in ("{job_id}", "{batch_id}"):
        path = path.replace(name, draw(st.sampled_from(IDS)))
    return path + draw(st.sampled_from(["", "/", "//", "/job_2", "?wait=1"]))


@pytest.fixture(scope="module")
def app() -> web.Application:
    return build_app(the_services(Shelf()))


@given(method=METHODS, path=paths() | st.text("/job_1%~a", min_size=1).map("/".__add__))
async def test_one_look_finds_what_the_search_finds(app: web.Application, method: str, path: str) -> None:
    request = make_mocked_request(method, path)
    searched = await web.UrlDispatcher.resolve(app.router, request)
    found = await app.router.resolve(request)
    assert dict(found) == dict(searched)
    assert (found.http_exception is None) == (searched.http_exception is None)
    if searched.http_exception is None:
        assert found.handler is searched.handler
    else:
        refused = cast(web.HTTPException, found.http_exception)
        assert (refused.status, refused.headers) == (searched.http_exception.status, searched.http_exception.headers)


async def test_a_target_that_is_no_path_is_refused_as_all_else_is(client: Client, services: Services) -> None:
    place = client.server
    reader, writer = await asyncio.open_connection(place.host, place.port)
    writer.write(b"OPTIONS * HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"X-Request-ID: " in answer
    assert orjson.loads(answer.partition(b"\r\n\r\n")[2])["error"] == "not_found"
    assert cast(Tally, services.traffic).seen == [("OPTIONS", "unmatched", 404)]


async def test_who_expects_to_be_told_to_go_on_is_told_and_answered(client: Client) -> None:
    reader, writer = await asyncio.open_connection(client.server.host, client.server.port)
    head = b"POST /api/v1/scrape HTTP/1.1\r\nHost: here\r\nContent-Length: 27\r\nExpect: 100-continue\r\n"
    writer.write(head + b"Content-Type: application/json\r\nConnection: close\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b'{"url":"http://site.test/"}')
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 202 ")
