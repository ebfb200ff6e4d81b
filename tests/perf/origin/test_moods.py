import asyncio

from aiohttp import ClientSession

from perf.origin.pages import page_body
from tests.perf.origin.test_delays import SLACK_S


async def test_pages_are_as_the_mood_is_that_was_set_last(client: ClientSession) -> None:
    async def moody() -> tuple[int, bytes]:
        async with client.get("/moody/page/3") as response:
            return response.status, await response.read()

    assert await moody() == (200, page_body(7, 3))
    async with client.get("/mood?delay_ms=100&status=503") as response:
        assert await response.json() == {"delay_ms": 100, "status": 503}
    started = asyncio.get_running_loop().time()
    assert await moody() == (503, b"")
    assert asyncio.get_running_loop().time() - started > 0.1 - SLACK_S
    async with client.get("/mood?status=200&delay_ms=0") as response:
        assert await response.json() == {"delay_ms": 0, "status": 200}
    assert await moody() == (200, page_body(7, 3))
