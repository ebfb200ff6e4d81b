import asyncio

import pytest

from perf.origin.pages import page_body
from tests.perf.origin.wire import asked, parted

# The loop's clock is coarser than a sleep.
SLACK_S = 0.01


async def test_a_delayed_page_is_the_page_but_later(origin: str) -> None:
    started = asyncio.get_running_loop().time()
    _, body = await parted(origin, "/delay/100/page/3")
    assert asyncio.get_running_loop().time() - started > 0.1 - SLACK_S
    assert body == page_body(7, 3)


async def test_late_headers_stop_in_the_middle_of_the_head(origin: str) -> None:
    async with asked(origin, "/headers-late/100") as reader:
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        started = asyncio.get_running_loop().time()
        rest = await reader.read()
    assert asyncio.get_running_loop().time() - started > 0.1 - 5 * SLACK_S
    assert rest.endswith(b"\r\n\r\nlate\n")


async def test_a_slow_body_comes_a_byte_at_a_time(origin: str) -> None:
    async with asked(origin, "/slow/5?every_ms=20") as reader:
        assert b"Content-Length: 5" in await reader.readuntil(b"\r\n\r\n")
        started = asyncio.get_running_loop().time()
        body = await reader.read()
    assert len(body) == 5
    assert asyncio.get_running_loop().time() - started > 0.08 - 2 * SLACK_S


async def test_a_hanging_place_takes_the_request_and_says_nothing(origin: str) -> None:
    async with asked(origin, "/hang") as reader:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
