"""Asks a service what its users ask, while it is under load: so that the API's times are of use."""

import asyncio
from itertools import cycle

import aiohttp

ASKED = (
    "/api/v1/jobs?page_size=20",
    "/api/v1/jobs/stats",
    "/api/v1/jobs?status=failed",
    "/health",
    "/api/v1/jobs?page_size=5&page=2",
)
APART_S = 0.05
WITHIN = aiohttp.ClientTimeout(total=10)


async def visits(client: aiohttp.ClientSession, url: str) -> None:
    """One call after the other, until cancelled. One that fails is the service's affair: it counts it."""
    for path in cycle(ASKED):
        try:
            async with client.get(f"{url}{path}", timeout=WITHIN) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            pass
        await asyncio.sleep(APART_S)
