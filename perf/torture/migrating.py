"""A start on a file without the schema or with the first one, killed while it migrates, then started again."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from random import Random
from time import monotonic, time

from engine.runtime import inline
from engine.storage.check import check
from engine.storage.clock import StoreClock
from engine.storage.migrate import migrate
from engine.storage.revision import HEAD, is_current
from engine.storage.sqlite import SqliteStore
from perf.process import running, started
from perf.torture.deaths import kill_after_write

LONGEST_S = 0.04
"""From the lock on; the migration of an empty file takes about half of that."""
FIRST = "0001"
JOBS = 500
TOMORROW_S = 86_400.0
OLD_JOB = """
    INSERT INTO jobs (id, status, scraper_type, url, host, method, priority, lane, rank, created_at, updated_at, due_at,
        fence, attempts, losses, ran_s)
    VALUES (?1, 'queued', 'http', 'http://old.test/', 'old.test', 'GET', 0, 'old.test', ?2, ?2, ?2, ?3, 0, 0, 0, 0.0)
"""
OLD_COUNTS = "INSERT INTO counts (batch_id, status, n) VALUES ('', 'queued', ?1), ('', 'scheduled', ?1)"


async def killed_migrating(folder: Path, environment: Mapping[str, str], random: Random) -> tuple[bool, list[str]]:
    """Was the schema not there yet when it died; and what was wrong after the next start."""
    path = folder / "migrating.db"
    jobs = _before(path, random.choice((None, FIRST)))
    told = {**environment, "DATABASE_URL": f"sqlite:///{path}"}
    async with started("actors", ("serve",), env=told) as daemon:
        lock = path.with_name(f"{path.name}.lock")
        await asyncio.to_thread(kill_after_write, daemon.pid, lock, random.random() * LONGEST_S)
    is_inside = not is_current(path)
    async with running("actors", ("serve",), env=told):
        pass
    found = await _delayed(path)
    return is_inside, [*check(path), *([f"{jobs - found} jobs of {FIRST} are gone"] if found != jobs else [])]


def _before(path: Path, revision: str | None) -> int:
    """No file, or one that the first release has left with so many jobs for tomorrow."""
    if revision is None or revision == HEAD:
        return 0
    migrate(f"sqlite:///{path}", revision=revision)
    now = time()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(OLD_JOB, [(f"job_{n:04}", now, now + TOMORROW_S) for n in range(JOBS)])
        connection.execute(OLD_COUNTS, (JOBS,))
    path.with_name(f"{path.name}.lock").unlink()  # it is watched for
    return JOBS


async def _delayed(path: Path) -> int:
    clock = StoreClock(wall=time, monotonic=monotonic)
    store = await SqliteStore.open(path, write=inline, read=inline, clock=clock)
    figures = await store.queue()
    await store.close()
    return figures.delayed
