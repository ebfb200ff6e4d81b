import pytest
from aiohttp import ClientPayloadError, ClientSession, ServerDisconnectedError

from tests.perf.origin.wire import answered, parted


@pytest.mark.parametrize("count", [0, 1, 1000, 200_000])
async def test_a_cut_body_is_shorter_than_promised(origin: str, count: int) -> None:
    head, body = await parted(origin, f"/cut/{count}")
    assert f"Content-Length: {2 * count + 1}".encode() in head
    assert len(body) == count


async def test_cut_chunks_lack_the_last_one(origin: str) -> None:
    head, body = await parted(origin, "/cut/chunked")
    assert b"Transfer-Encoding: chunked" in head
    assert body.startswith(b"10000\r\n")
    assert len(body) == len(b"10000\r\n") + 0x10000 + len(b"\r\n")


async def test_a_refused_request_gets_not_one_byte(origin: str) -> None:
    assert await answered(origin, "/refuse-after-request") == b""


@pytest.mark.parametrize("target", ["/cut/1000", "/cut/chunked"])
async def test_a_client_tells_a_cut_body_from_a_whole_one(client: ClientSession, target: str) -> None:
    async with client.get(target) as response:
        with pytest.raises(ClientPayloadError):
            await response.read()


async def test_a_client_is_left_alone_when_refused(client: ClientSession) -> None:
    with pytest.raises(ServerDisconnectedError):
        await client.get("/refuse-after-request")
