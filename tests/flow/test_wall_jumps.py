"""Somebody sets the wall clock of a running daemon: no lease ends early, and nothing that waits is stuck or rushed."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import aiohttp
import asyncpg
import pytest

from engine.jobs.status import Status
from perf.origin.server import serving
from perf.process import running
from tests.contracts.stores import blank_server
from tests.flow.calls import client_of, got, submitted, the_environment
from tests.flow.works import all_settled, submit, the_settings, works
from tests.servers.postgres import fresh_database

JUMPS = [timedelta(hours=-2), timedelta(days=1)]
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
RETRY_S = 1.5
NEVER_S = 20.0


class Wall:
    """A wall clock that can be set."""

    def __init__(self) -> None:
        self.jumped = timedelta()

    def __call__(self) -> float:
        return (datetime.now(UTC) + self.jumped).timestamp()


class Late(Random):
    """Draws nearly the longest delay."""

    def random(self) -> float:
        return 0.99


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with client_of() as session:
        yield session


def set_to(offset: Path, jump: timedelta) -> None:
    """At once: whoever reads meanwhile finds the old or the new one."""
    new = offset.with_suffix(".new")
    new.write_text(f"{jump.total_seconds():+.0f}\n")
    new.replace(offset)


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_retry_after_a_jump_waits_as_long_as_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    wall = Wall()
    monkeypatch.setattr("actors.outfit.time", wall)
    monkeypatch.setattr("actors.outfit.Random", Late)
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        (job,) = await submit(outfit, [f"{site}/flaky/a?fails=1"], delay_between_retries_s=RETRY_S)
        wall.jumped = jump
        assert await all_settled(outfit) == {Status.COMPLETED: 1}
        found = await outfit.store.get(job.id)
        assert found is not None
        assert found.completed_at is not None
        assert RETRY_S * 0.99 <= found.completed_at - found.created_at < NEVER_S


def faked(folder: Path) -> tuple[Path, Mapping[str, str]]:
    """The file that says how far off the process's wall clock is, and the environment that makes it read it."""
    if not LIBRARIES:
        pytest.skip("libfaketime is not installed")
    offset = folder / "offset"
    set_to(offset, timedelta())
    told = {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1"}
    told |= dict.fromkeys(("FAKETIME_DONT_FAKE_MONOTONIC", "DONT_FAKE_MONOTONIC"), "1")
    told["FAKETIME_FORCE_MONOTONIC_FIX"] = "0"  # left to find out by itself, it delays threads that wait for each other
    return offset, told


@asynccontextmanager
async def a_file(folder: Path) -> AsyncIterator[str]:
    yield f"sqlite:///{folder / 'daemon.db'}"


@asynccontextmanager
async def a_server(_: Path) -> AsyncIterator[str]:
    async with fresh_database(template=blank_server()) as url:
        yield url


async def claims_of(url: str, job_id: str) -> int:
    """How often it was claimed, as its fence tells."""
    asked = f"SELECT fence FROM jobs WHERE id = '{job_id}'"  # noqa: S608 - an id of ours
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            return int(file.execute(asked).fetchone()[0])
    server = await asyncpg.connect(url)
    try:
        return int(await server.fetchval(asked))
    finally:
        await server.close()


@pytest.mark.parametrize("database", [a_file, a_server])
async def test_a_real_daemon_whose_wall_clock_is_set_goes_on_as_if_nothing_had_been(
    tmp_path: Path,
    client: aiohttp.ClientSession,
    database: Callable[[Path], AbstractAsyncContextManager[str]],
) -> None:
    offset, faking = faked(tmp_path)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database(tmp_path))
        environment = the_environment(tmp_path, DATABASE_URL=url, LEASE_SECONDS="2", **faking)
        site = await stack.enter_async_context(serving())
        daemon = await stack.enter_async_context(running("actors", ("serve",), env=environment))
        long = await submitted(client, daemon, f"{site}/delay/3000/page/1")
        waiting = []
        for number, jump in enumerate(JUMPS):
            config = {"delay_between_retries": RETRY_S}
            waiting.append(await submitted(client, daemon, f"{site}/flaky/{number}?fails=1", config=config))
            set_to(offset, jump)
            by_the_wall = datetime.now(UTC) + jump
            soon = (by_the_wall + timedelta(seconds=RETRY_S)).isoformat()
            waiting.append(await submitted(client, daemon, f"{site}/page/2", run_at=soon))
            health = await got(client, daemon, "/health")
            assert abs(datetime.fromisoformat(health["timestamp"]) - by_the_wall) < timedelta(minutes=1)
        for job_id in (long, *waiting):
            assert (await got(client, daemon, f"/scrape/{job_id}?wait=15"))["status"] == "completed"
        assert await claims_of(url, long) == 1
