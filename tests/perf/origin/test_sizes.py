import gzip
import zlib

import pytest
from aiohttp import ClientSession

from perf.origin.prose import BLOCK_BYTES
from tests.perf.origin.wire import parted

SIZES = [0, 1, BLOCK_BYTES, BLOCK_BYTES + 1, 1_000_000]


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("kind", ["size", "binary"])
async def test_a_body_has_the_size_asked_for(origin: str, kind: str, count: int) -> None:
    head, body = await parted(origin, f"/{kind}/{count}")
    assert f"Content-Length: {count}".encode() in head
    assert len(body) == count


@pytest.mark.parametrize("count", SIZES)
async def test_a_packed_body_is_the_plain_one(client: ClientSession, count: int) -> None:
    async def got(query: str) -> tuple[str | None, bytes]:
        async with client.get(f"/size/{count}{query}") as response:
            return response.headers.get("Content-Encoding"), await response.read()

    _, plain = await got("")
    coding, packed = await got("?gzip=1")
    assert (coding, gzip.decompress(packed)) == ("gzip", plain)
    coding, packed = await got("?deflate=1")
    assert (coding, zlib.decompress(packed)) == ("deflate", plain)
    coding, packed = await got("?gzip=1&deflate=1")
    assert (coding, zlib.decompress(gzip.decompress(packed))) == ("deflate, gzip", plain)


async def test_a_body_is_left_out_of_the_answer_to_head(client: ClientSession) -> None:
    async with client.head("/size/70000") as response:
        assert response.headers["Content-Length"] == "70000"
        assert await response.read() == b""


async def test_a_bad_encoding_is_not_what_it_says(client: ClientSession) -> None:
    async with client.get("/bad-encoding") as response:
        assert response.headers["Content-Encoding"] == "gzip"
        with pytest.raises(gzip.BadGzipFile):
            gzip.decompress(await response.read())
