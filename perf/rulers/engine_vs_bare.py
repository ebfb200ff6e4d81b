"""Pages fetched and kept by the whole engine, against a bare aiohttp client on the same pages.

By the client's processor time, the site's is not in it. A slice is a run over all pages on a new file.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from perf.process import running
from perf.rulers.ruler import CLIENT_CPU, SERVER_CPU, Take
from perf.scenarios import bare_client, engine_vs_bare

_PAGES = 300
_CONCURRENCY = 64


@asynccontextmanager
async def ours() -> AsyncIterator[Take]:
    async with _site() as origin:
        yield partial(_by_engine, origin)


@asynccontextmanager
async def bare() -> AsyncIterator[Take]:
    async with _site() as origin:
        yield partial(_by_client, origin)


@asynccontextmanager
async def _site() -> AsyncIterator[str]:
    async with running("perf", ("origin",), cpu=CLIENT_CPU) as origin:
        await bare_client.promised_bytes(origin=origin.url, pages=_PAGES)
        os.sched_setaffinity(0, {SERVER_CPU})
        yield origin.url


async def _by_engine(origin: str) -> float:
    taken = await engine_vs_bare.measure(origin=origin, pages=_PAGES, concurrency=_CONCURRENCY)
    return taken.pages / taken.cpu_s


async def _by_client(origin: str) -> float:
    taken = await bare_client.measure(origin=origin, pages=_PAGES, concurrency=_CONCURRENCY)
    return taken.pages / taken.cpu_s
