"""Daemons behind a real PgBouncer, which gives each transaction another session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from perf.servers.pgbouncer import a_pgbouncer, is_there
from tests.flow.daemons import Daemon, a_daemon
from tests.servers.postgres import fresh_database

pytestmark = pytest.mark.skipif(not is_there(), reason="needs pgbouncer")


@asynccontextmanager
async def two_daemons(folder: Path, **told: str) -> AsyncIterator[list[Daemon]]:
    async with AsyncExitStack() as stack:
        daemons = []
        for name in ("first", "second"):
            (folder / name).mkdir()
            daemons.append(await stack.enter_async_context(a_daemon(folder / name, **told)))
        yield daemons


@pytest.mark.parametrize("way", ["asks", "is told"])
async def test_daemons_share_a_pooled_database(tmp_path: Path, way: str) -> None:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fresh_database())
        through = stack.enter_context(a_pgbouncer(url, sessions=4))
        told = {"DATABASE_URL": through, "DB_POOLER": "transaction"}
        if way == "is told":
            told["DATABASE_LISTEN_URL"] = url
        first, second = await stack.enter_async_context(two_daemons(tmp_path, **told))
        jobs = await first.submit_all(*[f"{second.url}/health?{number}" for number in range(20)])
        answers = await asyncio.gather(*(second.get(f"/scrape/{job_id}?wait=15") for job_id in jobs))
        assert {answer["status"] for answer in answers} == {"completed"}
        assert (await second.get("/jobs?status=completed"))["total"] == len(jobs)
