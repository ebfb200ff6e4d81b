"""Pools under watch, on databases of their own, with a clock that can be put forward."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg

from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.pool import Pool
from engine.storage.postgres.watch import Leak, PoolWatch, Standing

OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()"


class Clock:
    """Real time, and what it was put forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self.looks = 0
        """How often somebody wanted to know the time."""

    def __call__(self) -> float:
        self.looks += 1
        return monotonic() + self.ahead_s


class Watch:
    def __init__(self) -> None:
        self.counts = dict.fromkeys(("opened", "closed", "failed", "timed_out"), 0)
        self.waits_s: list[float] = []
        self.leaks: list[Leak] = []
        self.pools: list[Standing] = []
        self.snapshots: list[float] = []

    def watches(self, pool: Standing) -> None:
        self.pools.append(pool)

    def unwatches(self, pool: Standing) -> None:
        self.pools = [each for each in self.pools if each is not pool]

    def opened(self) -> None:
        self.counts["opened"] += 1

    def closed(self) -> None:
        self.counts["closed"] += 1

    def failed(self) -> None:
        self.counts["failed"] += 1

    def timed_out(self) -> None:
        self.counts["timed_out"] += 1

    def waited(self, seconds: float) -> None:
        self.waits_s.append(seconds)

    def leaked(self, leak: Leak) -> None:
        self.leaks.append(leak)

    def saw_snapshot(self, age_s: float) -> None:
        self.snapshots.append(age_s)

    @property
    def open_now(self) -> int:
        return self.counts["opened"] - self.counts["closed"]


class Place:
    """A pool, and what a test turns and looks at."""

    def __init__(self, pool: Pool, clock: Clock, watch: Watch, url: str) -> None:
        self.pool = pool
        self.clock = clock
        self.watch = watch
        self.url = url


@asynccontextmanager
async def a_pool(url: str, **limits: Any) -> AsyncIterator[Place]:
    """One connection is kept, and none more is opened, unless said otherwise."""
    clock, watch = Clock(), Watch()
    seen: PoolWatch = watch
    kept = PoolLimits(**{"size": 1, "overflow": 0, "timeout_s": 5.0} | limits)
    pool = await Pool.open(url, limits=kept, clock=clock, watch=seen)
    try:
        yield Place(pool, clock, watch, url)
    finally:
        await pool.close()
        assert watch.open_now == 0, "a connection was not closed"


async def asked(url: str, statement: str, *values: Any) -> Any:
    """On a connection apart."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(statement, *values, timeout=5)
    finally:
        await connection.close(timeout=5)


async def comes_to(url: str, expected: object, statement: str, *values: Any, within_s: float = 5.0) -> None:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + within_s
    while (found := await asked(url, statement, *values)) != expected:
        assert loop.time() < ends_at, f"{found!r} has not become {expected!r} within {within_s} s"
        await asyncio.sleep(0.01)
