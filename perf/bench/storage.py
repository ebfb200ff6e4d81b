"""What the SQLite store costs, beside the same rows through bare sqlite3 with the same schema and as safe a commit.

Rows a second in interleaved batches, and single rows each in a commit of its own; pages of 13 KB, compressed by both.
"""

import sqlite3
from argparse import ArgumentParser, Namespace
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, time
from typing import Any, Protocol

import uvloop
from isal import isal_zlib

from engine.jobs.command import Submit
from engine.jobs.ids import Ids
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.outcome import Page
from engine.jobs.request import Request
from engine.jobs.verdict import Completed, Settlement
from engine.runtime import Threads
from engine.storage.clock import StoreClock
from engine.storage.frames import FASTEST, GZIP
from engine.storage.migrate import migrate
from engine.storage.sqlite import SqliteStore
from engine.storage.sqlite.connection import open_writer
from perf.pairs import Pairs
from perf.report import Result

_HOSTS = 8

_random = Random(7)
_LINES = [b"<p>%d words of a page, number %d</p>\n" % (_random.getrandbits(20), line) for line in range(400)]
PAGE = b"".join(_LINES)[:13_000]
INSERT = """
    INSERT INTO jobs (id, status, scraper_type, url, host, method, priority, lane, rank, created_at, updated_at, fence,
        attempts, losses, ran_s)
    VALUES (?1, 'queued', 'http', ?2, ?3, 'GET', 0, ?3, ?4, ?4, ?4, 0, 0, 0, 0.0)
"""
TAKE = "UPDATE jobs SET status = 'running', fence = 1, lease_until = 1.0, updated_at = 1.0 WHERE id = ?"
END = "UPDATE jobs SET status = 'completed', lease_until = NULL, attempts = 1, updated_at = 1.0 WHERE id = ?"
KEEP = """
    INSERT INTO job_results (job_id, fence, status_code, final_url, headers, content_type, body, size, elapsed_s)
    VALUES (?, 1, 200, '', '[]', 'text/html', ?, 13000, 0.1)
"""

Timer = Callable[[], float]


class Rows(Protocol):
    """Who brings rows about, a batch a time. Each tells what it took, without what was made ready for it."""

    async def submit(self, jobs: int) -> float: ...
    async def claim(self, jobs: int) -> float: ...
    async def settle(self) -> float:
        """All of the last claim."""


class StoreRows(Rows):
    """The store, by its port."""

    def __init__(self, store: SqliteStore, *, timer: Timer) -> None:
        self._store = store
        self._timer = timer
        self._leases: Sequence[Lease] = ()

    async def submit(self, jobs: int) -> float:
        made = [Submit(jobs=_jobs(jobs))]
        began = self._timer()
        await self._store.commit(made)
        return self._timer() - began

    async def claim(self, jobs: int) -> float:
        began = self._timer()
        self._leases = await self._store.claim(jobs, owner="bench", lease_s=60.0)
        return self._timer() - began

    async def settle(self) -> float:
        made = [_settlement(lease) for lease in self._leases]
        began = self._timer()
        await self._store.settle(made)
        return self._timer() - began


class BareRows(Rows):
    """The same rows, a statement each, in one thread and without any rule."""

    def __init__(self, connection: sqlite3.Connection, *, timer: Timer) -> None:
        self._connection = connection
        self._timer = timer
        self._queued: deque[str] = deque()
        self._taken: list[tuple[str]] = []

    async def submit(self, jobs: int) -> float:
        rows = [_bare(job) for job in _jobs(jobs)]
        self._queued += [job_id for job_id, *_ in rows]
        return self._written(lambda: self._connection.executemany(INSERT, rows))

    async def claim(self, jobs: int) -> float:
        self._taken = [(self._queued.popleft(),) for _ in range(jobs)]
        return self._written(lambda: self._connection.executemany(TAKE, self._taken))

    async def settle(self) -> float:
        return self._written(self._settle)

    def _settle(self) -> None:
        self._connection.executemany(END, self._taken)
        self._connection.executemany(
            KEEP, [(job_id, isal_zlib.compress(PAGE, FASTEST, GZIP)) for (job_id,) in self._taken]
        )

    def _written(self, write: Callable[[], object]) -> float:
        began = self._timer()
        self._connection.execute("BEGIN IMMEDIATE")
        write()
        self._connection.execute("COMMIT")
        return self._timer() - began


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--batch", type=int, default=200, help="rows a transaction")
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--singles", type=int, default=500, help="submits of one")


def run(args: Namespace) -> Result:
    rates = uvloop.run(_rates(args))
    pairs = {name: Pairs(unit="rows/s", ours=ours, bare=bare) for name, (ours, bare) in rates.items()}
    numbers: dict[str, Any] = {f"{name}_ratio": each.spread()["ratio"] for name, each in pairs.items()}
    for name, each in pairs.items():
        numbers |= {f"{name}_rows_per_s": round(median(each.ours)), f"{name}_bare_per_s": round(median(each.bare))}
    return Result(scenario="storage", settings=vars(args), numbers=numbers, pairs=pairs)


async def _rates(args: Namespace) -> Mapping[str, tuple[list[float], list[float]]]:
    """Rows a second of both, batch by batch in turn."""
    rates: dict[str, tuple[list[float], list[float]]] = {
        name: ([], []) for name in ("submit", "claim", "settle", "single")
    }
    async with a_store() as store, a_connection() as connection:
        sides: Sequence[Rows] = (StoreRows(store, timer=perf_counter), BareRows(connection, timer=perf_counter))
        for _ in range(args.batches):
            for place, side in enumerate(sides):
                rates["submit"][place].append(args.batch / await side.submit(args.batch))
                rates["claim"][place].append(args.batch / await side.claim(args.batch))
                rates["settle"][place].append(args.batch / await side.settle())
        for _ in range(args.singles):
            for place, side in enumerate(sides):
                rates["single"][place].append(1 / await side.submit(1))
    return rates


def _jobs(count: int) -> tuple[Job, ...]:
    ids = Ids(wall=time, random_bits=_random.getrandbits)
    return tuple(_job(ids.job(), number) for number in range(count))


def _job(job_id: str, number: int) -> Job:
    now, host = time(), f"host{number % _HOSTS}.test"
    return Job(id=job_id, request=Request(url=f"http://{host}/{job_id}", host=host), created_at=now, updated_at=now)


def _bare(job: Job) -> tuple[str, str, str, float]:
    return job.id, job.request.url, job.request.host, job.created_at


def _settlement(lease: Lease) -> Settlement:
    span = (lease.claimed_at, lease.claimed_at + 0.1)
    return Settlement(lease=lease, outcome=_page(), verdict=Completed(), span=span)


def _page() -> Page:
    return Page(
        status_code=200,
        final_url="http://host.test/",
        headers=(("Content-Type", "text/html"), ("Server", "bench")),
        content_type="text/html",
        charset="utf-8",
        body=PAGE,
        size=len(PAGE),
        elapsed_s=0.1,
    )


@asynccontextmanager
async def a_store() -> AsyncIterator[SqliteStore]:
    write, read = Threads("write", 1), Threads("read", 1)
    with _file() as path:
        clock = StoreClock(wall=time, monotonic=monotonic)
        store = await SqliteStore.open(path, write=write, read=read, clock=clock)
        yield store
        await store.close()
    await read.close()
    await write.close()


@asynccontextmanager
async def a_connection() -> AsyncIterator[sqlite3.Connection]:
    with _file() as path, closing(open_writer(path)) as connection:
        yield connection


@contextmanager
def _file() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.db"
        migrate(f"sqlite:///{path}")
        yield path
