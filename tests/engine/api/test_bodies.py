"""Bodies: what is no JSON, not text that can be kept, not JSON's type, or too much."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.api.conftest import Client
from tests.engine.api.shelf import Shelf

GOOD = b'{"url": "http://site.test/"}'
DEEP = 100_000
FRAMED = {
    "with its length": b"Content-Length: %d\r\n\r\n%b" % (len(GOOD), GOOD),
    "in chunks": b"Transfer-Encoding: chunked\r\n\r\n5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n"
    % (GOOD[:5], len(GOOD) - 5, GOOD[5:]),
    "compressed": b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
    % (len(packed := gzip.compress(GOOD)), packed),
}
"""Bodies that come with their heads."""
PIPELINED = 100
"""Sent at once, and answered each in its turn: more than are read ahead."""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (GOOD, 202),
        (b"", 400),
        (b"{", 400),
        (GOOD + b"x", 400),
        (b"\xef\xbb\xbf" + GOOD, 400),
        (b'{"url": "http://site.test/", "priority": NaN}', 400),
        (b'{"url": "http://site.test/\xff"}', 400),
        (b"[" * DEEP, 400),
        (b'{"url": "http://site.test/", "data": ' + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}", 422),
        (b'{"url": "http://site.test/", "data": ' + b'{"\\u0000":' * 900 + b"1" + b"}" * 900 + b"}", 422),
        (b'{"url": "http://site.test/", "tags": ["\\u0000"]}', 422),
        (b'{"url": "http://site.test/", "tags": ["\\\\u0000"]}', 202),
        (b'{"url": "http://site.test/", "data": {"a\\u0000": 1}}', 422),
        (b'{"url": "http://site.test/", "tags": ["\\ud800"]}', 422),
        (b'{"url": "http://site.test/", "tags": ["\\udc00"]}', 422),
        (b'{"url": "http://site.test/", "tags": ["\\ud83d\\ude00"]}', 202),
        (b"null", 422),
    ],
)
async def test_a_body_is_json_of_text_that_can_be_kept(client: Client, shelf: Shelf, body: bytes, status: int) -> None:
    async with client.post("/api/v1/scrape", data=body, headers={"Content-Type": "application/json"}) as response:
        assert response.status == status
    assert len(shelf.jobs) == (status == 202)


@pytest.mark.parametrize("frame", FRAMED)
async def test_a_body_is_the_same_however_it_is_framed_and_one_after_the_other(
    client: Client, shelf: Shelf, frame: str
) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    request = b"POST /api/v1/scrape HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n" + FRAMED[frame]
    writer.write(request * PIPELINED)
    for _ in range(PIPELINED):
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 202 ")
        await reader.readuntil(b"}")
    writer.close()
    assert [job.request.url for job in shelf.jobs.values()] == ["http://site.test/"] * PIPELINED


async def test_a_body_that_comes_after_its_head_is_waited_for(client: Client, shelf: Shelf) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = b"POST /api/v1/scrape HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n"
    writer.write(head % len(GOOD))
    assert b" 100 " in await reader.readuntil(b"\r\n\r\n")
    for byte in GOOD:
        writer.write(bytes((byte,)))
        await writer.drain()
    assert b" 202 " in await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert len(shelf.jobs) == 1


async def test_where_u0000_stands_is_said(client: Client) -> None:
    body = b'{"jobs": [{"url": "http://site.test/"}, {"data": {"a": ["", "\\u0000"]}}]}'
    async with client.post("/api/v1/scrape/bulk", data=body, headers={"Content-Type": "application/json"}) as response:
        assert [each["field"] for each in (await response.json())["details"]] == ["jobs.1.data.a.1"]


@pytest.mark.parametrize(
    ("given_type", "status"),
    [
        ("application/json", 202),
        ("Application/JSON; charset=utf-8", 202),
        (None, 202),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 202),
        ("nonsense", 415),
    ],
)
async def test_a_body_is_declared_as_json_or_as_curl_does_or_not_at_all(
    client: Client, given_type: str | None, status: int
) -> None:
    headers = {"Content-Type": given_type} if given_type else {}
    skipped = () if given_type else ("Content-Type",)
    async with client.post("/api/v1/scrape", data=GOOD, headers=headers, skip_auto_headers=skipped) as response:
        assert response.status == status


@pytest.mark.parametrize(("path", "mebibytes"), [("scrape", 11), ("jobs/search", 11), ("scrape/bulk", 65)])
async def test_a_body_that_is_too_large_is_413(client: Client, path: str, mebibytes: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(mebibytes):
            yield b" " * 1024 * 1024

    headers = {"Content-Type": "application/json"}
    async with client.post(f"/api/v1/{path}", data=pieces(), headers=headers) as response:
        assert response.status == 413
        assert (await response.json())["error"] == "request_entity_too_large"


async def test_a_batch_may_be_larger_than_a_job(client: Client, shelf: Shelf) -> None:
    body = BytesIO(b'{"jobs": [{"url": "http://site.test/", "data": {"a": "%s"}}]}' % (b"b" * 11_000_000))
    headers = {"Content-Type": "application/json"}
    async with client.post("/api/v1/scrape/bulk", data=body, headers=headers) as response:
        assert response.status == 202
    assert len(shelf.jobs) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(body=st.binary(max_size=60), path=st.sampled_from(["scrape", "scrape/bulk", "jobs/search"]))
async def test_no_bytes_whatever_break_it(client: Client, shelf: Shelf, body: bytes, path: str) -> None:
    async with client.post(f"/api/v1/{path}", data=body, headers={"Content-Type": "application/json"}) as response:
        assert response.status in {200, 400, 422}
    assert not shelf.jobs


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", None])
async def test_what_a_foreign_page_may_send_unasked_is_no_submit(client: Client, content_type: str | None) -> None:
    headers = {"Origin": "http://elsewhere.test"} | ({"Content-Type": content_type} if content_type else {})
    for path in ("scrape", "scrape/stream"):
        async with client.post(
            f"/api/v1/{path}", data=GOOD, headers=headers, skip_auto_headers={"Content-Type"}
        ) as response:
            assert response.status == 415
