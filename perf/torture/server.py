"""A database on a PostgreSQL server under torture: any number of daemons work in it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from random import Random
from time import monotonic, time
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from engine.jobs.losses import SUSPECT_AFTER
from engine.jobs.ports import JobStore
from engine.storage.migrate import migrate
from engine.storage.postgres import PoolLimits, ServerClock, opening
from engine.storage.postgres.check import found_in
from perf.process import running, started
from perf.servers.postgres import Postgres
from perf.torture.deaths import kill
from perf.torture.migrating import FIRST, JOBS, TOMORROW_S
from perf.torture.strays import strays

LIMITS = PoolLimits(size=2, overflow=2)
CUT = b"unexpected EOF on client connection with an open transaction"
"""What the server says of a client that died in a transaction."""
UNSETTLED = "SELECT count(*) FROM jobs WHERE completed_at IS NULL AND (losses >= $1) = $2"
USERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1"
OLD_JOBS = """
    INSERT INTO jobs (id, status, scraper_type, url, host, method, priority, lane, rank, created_at, updated_at, due_at,
        fence, attempts, losses, ran_s)
    SELECT 'job_' || n, 'queued', 'http', 'http://old.test/', 'old.test', 'GET', 0, 'old.test', $2, $2, $2, $3, 0, 0, 0,
        0.0 FROM generate_series(1, $1) AS n
"""
OLD_COUNTS = "INSERT INTO counts (batch_id, status, n) VALUES ('', 'queued', $1), ('', 'scheduled', $1)"
LOOK_EVERY_S = 0.002
LOOKS_FOR_S = 10.0
LONGEST_S = 0.15
"""From the first connection on; the migration of an empty database takes about half of that."""


class ServerGround:
    """The database that is always there; migrations are killed in others."""

    def __init__(self, server: Postgres) -> None:
        self.url = server.url
        self._server = server
        self._read_to = 0
        self._names = (f"migrating_{number}" for number in count())

    @property
    def log(self) -> Path:
        """The segment of the log that is written just now."""
        segments = (self._server.folder / "data" / "pg_wal").glob("0*")
        return max(segments, key=lambda segment: segment.stat().st_mtime_ns)

    def torn(self) -> int:
        with (self._server.folder / "log").open("rb") as said:
            said.seek(self._read_to)
            new = said.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read_to += len(whole)
        return whole.count(CUT)

    async def unsettled(self, *, suspects: bool) -> int:
        async with _connected(self.url) as connection:
            return int(await connection.fetchval(UNSETTLED, SUSPECT_AFTER, suspects))

    async def findings(self) -> list[str]:
        async with _connected(self.url) as connection:
            return [*await found_in(self.url), *[sentence async for sentence in strays(connection)]]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[JobStore]:
        clock = ServerClock(monotonic=monotonic)
        async with opening.opened(self.url, limits=LIMITS, clock=clock, draw=Random(1).random) as store:
            yield store

    async def killed_migrating(self, environment: Mapping[str, str], random: Random) -> tuple[bool, list[str]]:
        """An empty one, or one that the first release has left with so many jobs for tomorrow."""
        jobs = random.choice((0, JOBS))
        name = next(self._names)
        url = urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))
        async with _connected(self.url) as connection:
            await connection.execute(f"CREATE DATABASE {name}")
            if jobs:
                await _first_release(url)
            told = {**environment, "DATABASE_URL": url}
            async with started("actors", ("serve",), env=told) as daemon:
                await _somebody(connection, name)
                await asyncio.sleep(random.random() * LONGEST_S)
                kill(daemon.pid)
        is_inside = not await opening.is_current(url, LIMITS)
        async with running("actors", ("serve",), env=told):
            pass
        found = await _delayed(url)
        return is_inside, [f"{jobs - found} jobs of {FIRST} are gone"] if found != jobs else []


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def _first_release(url: str) -> None:
    await asyncio.to_thread(migrate, url, revision=FIRST)
    async with _connected(url) as connection, connection.transaction():
        now = time()
        await connection.execute(OLD_JOBS, JOBS, now, now + TOMORROW_S)
        await connection.execute(OLD_COUNTS, JOBS)


async def _somebody(connection: asyncpg.Connection, name: str) -> None:
    """Until the daemon has come to its database."""
    ends_at = monotonic() + LOOKS_FOR_S
    while not await connection.fetchval(USERS, name) and monotonic() < ends_at:  # noqa: ASYNC110 - of another process
        await asyncio.sleep(LOOK_EVERY_S)


async def _delayed(url: str) -> int:
    async with opening.opened(
        url, limits=LIMITS, clock=ServerClock(monotonic=monotonic), draw=Random(1).random
    ) as store:
        return (await store.queue()).delayed
