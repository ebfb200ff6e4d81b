import gzip

from aiohttp import ClientSession


async def test_a_bomb_is_small_until_it_is_unpacked(client: ClientSession) -> None:
    async with client.get("/bomb/8") as response:
        assert response.headers["Content-Encoding"] == "gzip"
        packed = await response.read()
    assert len(packed) < 10_000
    assert gzip.decompress(packed) == bytes(8 * 1024 * 1024)
