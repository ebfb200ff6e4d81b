"""Calls of a daemon that runs as a module, and what it left in its file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic, time
from typing import Any

import aiohttp

from engine.jobs.job import Job
from engine.runtime import inline
from engine.storage.clock import StoreClock
from engine.storage.sqlite import SqliteStore
from perf.process import ModuleProcess

WITHIN_S = aiohttp.ClientTimeout(total=20)


def the_environment(folder: Path, **told: str) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{folder / 'daemon.db'}", "PORT": "0", "LOG_FORMAT": "json", **told}


@asynccontextmanager
async def client_of() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=WITHIN_S) as session:
        yield session


async def submitted(client: aiohttp.ClientSession, daemon: ModuleProcess, url: str, **fields: Any) -> str:
    async with client.post(f"{daemon.url}/api/v1/scrape", json={"url": url, **fields}) as answer:
        assert answer.status == 202, await answer.text()
        job_id: str = (await answer.json())["job_id"]
        return job_id


async def got(client: aiohttp.ClientSession, daemon: ModuleProcess, path: str) -> Any:
    async with client.get(f"{daemon.url}/api/v1{path}") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def stored(folder: Path, job_id: str) -> Job:
    """As it stands in the file of a daemon that has ended."""
    clock = StoreClock(wall=time, monotonic=monotonic)
    store = await SqliteStore.open(folder / "daemon.db", write=inline, read=inline, clock=clock)
    found = await store.get(job_id)
    await store.close()
    assert found is not None
    return found
