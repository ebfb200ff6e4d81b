"""Durable single submits through the API, against a bare aiohttp.web handler that does nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import orjson

from perf.process import running
from perf.rulers.daemon import CONNECTIONS, a_daemon
from perf.rulers.ruler import SERVER_CPU, Take
from perf.scenarios.hammer import answers_per_cpu_s

_MUCH = {"status": 202, "requests": 500, "connections": CONNECTIONS}


@asynccontextmanager
async def ours() -> AsyncIterator[Take]:
    async with a_daemon() as daemon:
        yield partial(answers_per_cpu_s, daemon, f"{daemon.url}/api/v1/scrape", _body(), **_MUCH)


@asynccontextmanager
async def bare() -> AsyncIterator[Take]:
    async with running("perf.scenarios.submit", (), cpu=SERVER_CPU) as nothing:
        yield partial(answers_per_cpu_s, nothing, f"{nothing.url}/", _body(), **_MUCH)


def _body() -> bytes:
    """A job for tomorrow: none is fetched."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    return orjson.dumps({"url": "http://127.0.0.1:9/page", "run_at": tomorrow})
