"""A SQLite file with so many jobs queued, for the kernels of the store: `python -m perf.kernels.jobs COUNT FILE`.

Always the same jobs. It is made beforehand, so that neither migration nor submit is counted.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import uvloop

from engine.jobs.command import Submit
from engine.jobs.job import Job
from engine.jobs.request import Request
from engine.runtime import inline
from engine.storage.clock import StoreClock
from engine.storage.sqlite import SqliteStore

_NOW = 1_700_000_000.0
_HOSTS = 8


@asynccontextmanager
async def a_store(file: Path) -> AsyncIterator[SqliteStore]:
    """In this thread, at a time that goes on by a millisecond a look."""
    ticks = count()
    clock = StoreClock(wall=lambda: _NOW, monotonic=lambda: next(ticks) / 1000)
    store = await SqliteStore.open(file, write=inline, read=inline, clock=clock)
    yield store
    await store.close()


async def _queue(jobs: int, file: Path) -> None:
    async with a_store(file) as store:
        await store.commit([Submit(jobs=tuple(_job(number) for number in range(jobs)))])


def _job(number: int) -> Job:
    host = f"host{number % _HOSTS}.test"
    request = Request(url=f"http://{host}/page/{number}", host=host)
    return Job(id=f"job_{number:036}", request=request, created_at=_NOW, updated_at=_NOW)


def make(jobs: int, file: Path) -> None:
    from engine.storage.migrate import migrate  # noqa: PLC0415 - who only opens a store does not pay for it

    migrate(f"sqlite:///{file}")
    uvloop.run(_queue(jobs, file))


if __name__ == "__main__":
    make(int(sys.argv[1]), Path(sys.argv[2]))
