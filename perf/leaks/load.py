"""A load that goes on as it is told: so many pages a second, for so many seconds."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from itertools import count

import aiohttp

WITHIN = aiohttp.ClientTimeout(total=60)
PAGES = 500
"""Of the site, in turn."""


async def loaded(
    client: aiohttp.ClientSession, *, api: str, site: str, rates: Sequence[tuple[int, float]]
) -> AsyncGenerator[list[str], None]:
    """`rates` are pages a second and for how long. Gives the ids of what was submitted, about each second."""
    loop, pages = asyncio.get_running_loop(), count()
    for rate, seconds in rates:
        ends_at, due = loop.time() + seconds, loop.time()
        while loop.time() < ends_at:
            jobs = [{"url": f"{site}/page/{next(pages) % PAGES}"} for _ in range(rate)]
            if jobs:
                async with client.post(f"{api}/scrape/bulk", json={"jobs": jobs}) as answer:
                    answer.raise_for_status()
                    yield (await answer.json())["job_ids"]
            due += 1.0
            await asyncio.sleep(max(due - loop.time(), 0.0))
