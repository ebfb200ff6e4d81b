"""Answers too long to be made at once."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from itertools import pairwise
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from engine.api import long
from engine.api.long import KEPT, PIECE, Long, decoded, streamed, written
from engine.api.services import SERVICES
from engine.fetch.charset import decode
from engine.fetch.decoding import Decoding
from engine.jobs.outcome import Chunks, Extraction
from tests.conftest import eventually
from tests.engine.api.conftest import Client
from tests.engine.api.services import the_services
from tests.engine.api.shelf import Shelf
from tests.engine.fetch.test_decoding import bodies
from tests.engine.jobs.builders import a_job, a_page

DONE = a_job().claimed(now=200.0, until=230.0).completed(now=201.0, ran_s=1.0)
PATHS = ["", "/result", "/download"]


async def pieces_of(body: bytes, cuts: Sequence[int]) -> AsyncGenerator[bytes, None]:
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, end in pairwise(edges):
        yield body[start:end]


def whole(document: Any, option: int) -> bytes:
    """Made piece by piece, put together."""

    async def made() -> bytes:
        return b"".join([piece async for piece in written(document, option)])

    return asyncio.run(made())


@given(
    found=st.lists(st.tuples(bodies(), st.lists(st.integers(0, 200), max_size=8)), max_size=3),
    around=st.dictionaries(st.text(max_size=3), st.one_of(st.none(), st.text(), st.integers(0, 9)), max_size=3),
    option=st.sampled_from([0, orjson.OPT_INDENT_2, orjson.OPT_UTC_Z]),
)
def test_in_pieces_it_is_what_it_is_at_once(
    found: list[tuple[tuple[str, bytes], list[int]]], around: dict[str, Any], option: int
) -> None:
    texts = [Long(decoded(pieces_of(body, cuts), Decoding(charset))) for (charset, body), cuts in found]
    at_once = [decode(body, charset) for (charset, body), _ in found]
    expected = orjson.dumps({"a": around, "b": at_once, "c": around}, option=option)
    assert whole({"a": around, "b": texts, "c": around}, option) == expected


def test_what_is_no_json_is_an_error_of_ours() -> None:
    with pytest.raises(TypeError):
        whole({"a": object()}, 0)


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_in_chunks_is_answered_as_one_that_is_not(client: Client, shelf: Shelf, path: str) -> None:
    body = 'Grüße 漢字 \0"\\\n😀'.encode() * 300
    shelf.put(DONE, a_page(body=body, size=len(body), charset="utf-8"))
    async with client.get(f"/api/v1/scrape/job_1{path}") as response:
        at_once = await response.read()
    chunks = Chunks(count=3, sha256="")
    shelf.put(DONE, a_page(body=b"", size=len(body), charset="utf-8", chunks=chunks), body=body)
    async with client.get(f"/api/v1/scrape/job_1{path}") as response:
        assert response.headers["Content-Type"] == "application/json"
        assert "Content-Length" not in response.headers
        assert await response.read() == at_once
    async with client.head(f"/api/v1/scrape/job_1{path}") as response:
        assert (response.status, await response.read()) == (200, b"")


@pytest.mark.parametrize("path", [*PATHS, "/download?format=txt"])
async def test_a_long_extracted_text_comes_in_pieces(client: Client, shelf: Shelf, path: str) -> None:
    text = "Grüße\n" * 100_000
    shelf.put(DONE, a_page(body=b"x", size=1, extraction=Extraction(text=text)))
    async with client.get(f"/api/v1/scrape/job_1{path}") as response:
        answer = await response.read()
        assert "Content-Length" not in response.headers
    if path.endswith("txt"):
        assert answer.decode() == text
    else:
        found = orjson.loads(answer)
        assert (found if path else found["result"])["text"] == text


class Tap:
    """Gives pieces without end, and counts them."""

    def __init__(self) -> None:
        self.given = 0
        self.is_closed = False

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                self.given += 1
                yield b"x" * PIECE
        finally:
            self.is_closed = True


def tapped(tap: Tap) -> TestServer:
    async def endless(request: web.Request) -> web.StreamResponse:
        return await streamed(request, tap.pieces(), {})

    app = web.Application()
    app[SERVICES] = the_services(Shelf())
    app.router.add_get("/", endless)
    return TestServer(app)


async def test_a_reader_that_goes_away_ends_it() -> None:
    tap = Tap()
    async with TestClient(tapped(tap)) as client:
        response = await client.get("/")
        await response.content.readexactly(PIECE)
        response.close()
        await eventually(lambda: tap.is_closed)


async def test_no_more_is_made_than_is_taken_and_a_reader_that_takes_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(long, "TAKEN_WITHIN_S", 0.05)
    tap = Tap()
    async with TestClient(tapped(tap)) as client:
        response = await client.get("/")
        await eventually(lambda: tap.is_closed)
        assert tap.given * PIECE < 16 * 1024 * 1024  # what the kernel's buffers of a loopback socket may hold
        response.close()


async def test_of_a_long_answer_its_place_is_kept_and_no_byte_of_it(client: Client, shelf: Shelf) -> None:
    shelf.put(DONE, a_page(body=b"", size=4, charset="utf-8", chunks=Chunks(count=1, sha256="")), body=b"long")
    async with client.get("/api/v1/scrape/job_1?wait=1") as response:
        assert (await response.json())["result"]["content"] == "long"
    assert KEPT not in orjson.dumps({"any": "\0"})
