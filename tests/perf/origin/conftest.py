from collections.abc import AsyncIterator

import aiohttp
import pytest

from perf.origin.server import serving


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    async with serving(seed=7) as url:
        yield url


@pytest.fixture
async def client(origin: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that shows what came, undecoded and unredirected, and tells no host but the origin its cookies."""
    async with aiohttp.ClientSession(origin, auto_decompress=False) as session:
        yield session
