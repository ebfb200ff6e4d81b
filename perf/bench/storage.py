"""What the SQLite store costs, beside the same rows through bare sqlite3 with the same schema and as safe a commit.

Rows a second in batches of 200, and single rows each in a commit of its own; pages of 13 KB, compressed by both.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, time

import uvloop
from zstandard import ZstdCompressor

from engine.jobs.command import Submit
from engine.jobs.ids import Ids
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.outcome import Page
from engine.jobs.request import Request
from engine.jobs.verdict import Completed, Settlement
from engine.runtime import Threads
from engine.storage.clock import StoreClock
from engine.storage.migrate import migrate
from engine.storage.sqlite import SqliteStore
from engine.storage.sqlite.connection import open_writer

_BATCH = 200
_BATCHES = 50
_SINGLES = 500
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


def main() -> None:
    for name, rows in bare().items():
        print(f"bare   {name:8} {rows:9,.0f} rows/s")
    for name, rows in uvloop.run(measure()).items():
        print(f"store  {name:8} {rows:9,.0f} rows/s")


async def measure() -> dict[str, float]:
    """Rows a second through the port: submit, claim, settle, single (submits, one a commit)."""
    batches = _jobs(_BATCHES, _BATCH)
    async with a_store() as store:
        began = perf_counter()
        for jobs in batches:
            await store.commit([Submit(jobs=jobs)])
        submitted = perf_counter()
        leases = [await store.claim(_BATCH, owner="bench", lease_s=60.0) for _ in batches]
        claimed = perf_counter()
        for batch in leases:
            await store.settle([_settlement(lease) for lease in batch])
        settled = perf_counter()
        for jobs in _jobs(_SINGLES, 1):
            await store.commit([Submit(jobs=jobs)])
        ended = perf_counter()
    rows = _BATCH * _BATCHES
    return {
        "submit": rows / (submitted - began),
        "claim": rows / (claimed - submitted),
        "settle": rows / (settled - claimed),
        "single": _SINGLES / (ended - settled),
    }


def bare() -> dict[str, float]:
    """The same rows, a statement each, in one thread and without any rule."""
    batches = [[_bare(job) for job in jobs] for jobs in _jobs(_BATCHES, _BATCH)]
    singles = [[_bare(job) for job in jobs] for jobs in _jobs(_SINGLES, 1)]
    compressor = ZstdCompressor(level=1, write_checksum=True)
    with _file() as path, closing(open_writer(path)) as connection:
        submit = _rate(connection, batches, lambda rows: connection.executemany(INSERT, rows))
        claim = _rate(connection, batches, lambda rows: connection.executemany(TAKE, [row[:1] for row in rows]))

        def settle(rows: Sequence[tuple[object, ...]]) -> None:
            connection.executemany(END, [row[:1] for row in rows])
            connection.executemany(KEEP, [(row[0], compressor.compress(PAGE)) for row in rows])

        settled = _rate(connection, batches, settle)
        single = _rate(connection, singles, lambda rows: connection.executemany(INSERT, rows))
        return {"submit": submit, "claim": claim, "settle": settled, "single": single}


def _rate(
    connection: sqlite3.Connection,
    batches: Sequence[Sequence[tuple[object, ...]]],
    write: Callable[[Sequence[tuple[object, ...]]], object],
) -> float:
    began = perf_counter()
    for rows in batches:
        connection.execute("BEGIN IMMEDIATE")
        write(rows)
        connection.execute("COMMIT")
    return sum(map(len, batches)) / (perf_counter() - began)


def _jobs(batches: int, size: int) -> list[tuple[Job, ...]]:
    ids = Ids(wall=time, random_bits=_random.getrandbits)
    return [tuple(_job(ids.job(), number) for number in range(size)) for _ in range(batches)]


def _job(job_id: str, number: int) -> Job:
    now, host = time(), f"host{number % _HOSTS}.test"
    return Job(id=job_id, request=Request(url=f"http://{host}/{job_id}", host=host), created_at=now, updated_at=now)


def _bare(job: Job) -> tuple[object, ...]:
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


@contextmanager
def _file() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.db"
        migrate(f"sqlite:///{path}")
        yield path


if __name__ == "__main__":
    main()
