"""Stores to be moved, and what can be read of one; and the process that moves with a line a stretch, to be killed.

`python -m tests.engine.storage.moves FILE URL`"""

import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from time import monotonic, time
from typing import Any
from unittest.mock import patch

import asyncpg

from engine.jobs.command import Cancel, KeepChunk, Submit
from engine.jobs.job import Batch
from engine.jobs.once import Once
from engine.jobs.outcome import Chunks
from engine.jobs.ports import JobStore
from engine.jobs.query import JobQuery
from engine.jobs.stats import day_of
from engine.storage.clock import StoreClock
from engine.storage.move import Moved, move
from engine.storage.schema import metadata
from tests.contracts.day import IN_ORDER_OF_CREATION, a_day
from tests.contracts.jobs import body_of, claim, done, failed, new_job, now, page_with, put_off, submit
from tests.contracts.stores import START, Hand, sqlite

STRETCH = 7
BODY = "<p>Ünïcödé \u20ac\U0001f600</p>".encode() * 99


async def a_store(folder: Path, hand: Hand) -> Path:
    """Jobs in every state and whatever can belong to them."""
    async with sqlite(folder, hand) as store:
        await a_day(store, hand)
        await store.commit([Submit(jobs=(new_job(30),), once=Once(key="kept", digest="d", answer='{"a": "ü"}'))])
        limited = Batch(id="batch_3", total=40, created_at=START, parallel_limit=2, stop_on_error=False)
        tagged = [new_job(n, batch_id="batch_3", tags=("red", f"é{n}"), priority=n % 5) for n in range(40, 80)]
        await store.commit([Submit(jobs=tuple(tagged), batch=limited)])
        await submit(store, *(new_job(n, host=f"{n % 7}.test", path="\u20ac\U0001f600\uffee") for n in range(100, 160)))
        leases = await claim(store, 60)
        large = page_with(b"", chunks=Chunks(count=9, sha256="5f"))
        pieces = [KeepChunk(job_id=leases[0].job_id, fence=leases[0].fence, seq=n, data=BODY) for n in range(9)]
        unsettled = KeepChunk(job_id=leases[1].job_id, fence=leases[1].fence, seq=0, data=BODY)
        await store.commit([*pieces, unsettled, Cancel(job_id="job_0159")])
        ends = [done(leases[0], large), failed(leases[2]), put_off(leases[3], hand.now() + 99)]
        await store.settle([*ends, *(done(lease, page_with(BODY)) for lease in leases[4:50])])
        await store.give_back(leases[50:], lost=True)
    return folder / "jobs.db"


async def readings(store: JobStore, hand: Hand) -> Mapping[str, Any]:
    """All that the port can be asked."""
    pages = [await store.find(JobQuery(limit=100, **asked)) for asked in IN_ORDER_OF_CREATION]
    ids = sorted({job.id for page in pages for job in page.jobs})
    return {
        "pages": pages,
        "jobs": [await now(store, job_id) for job_id in ids],
        "results": [await store.result(job_id) for job_id in ids],
        "bodies": {job_id: await body_of(store, job_id) for job_id in ids if await _has_body(store, job_id)},
        "explained": [await store.explain(job_id) for job_id in ids],
        "counts": await store.counts(),
        "queue": await store.queue(),
        "stats": await store.stats(day_of(START) - 7, day_of(hand.now())),
        "batches": [await store.batch(f"batch_{number}") for number in range(1, 4)],
    }


async def _has_body(store: JobStore, job_id: str) -> bool:
    result = await store.result(job_id)
    return result is not None and result.page is not None and bool(result.page.size or result.page.chunks)


def rows_of(path: Path) -> Mapping[str, list[tuple[Any, ...]]]:
    """All of them, of each table."""
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: [tuple(row) for row in connection.execute(statement)] for table, statement in _statements().items()
        }


async def rows_at(url: str) -> Mapping[str, list[tuple[Any, ...]]]:
    connection = await asyncpg.connect(url)
    try:
        return {
            table: [tuple(row) for row in await connection.fetch(statement)]
            for table, statement in _statements().items()
        }
    finally:
        await connection.close()


def _statements() -> Mapping[str, str]:
    moved = [table for table in metadata.sorted_tables if table.name != "workers"]
    columns = {table: (list(table.columns), list(table.primary_key.columns)) for table in moved}
    return {
        table.name: f"SELECT {', '.join(column.name for column in every)} FROM {table.name} "  # noqa: S608 - names of the schema
        f"ORDER BY {', '.join(column.name for column in key)}"
        for table, (every, key) in columns.items()
    }


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(moved: Moved) -> None:
    say(f"{moved.table} {moved.rows}")


if __name__ == "__main__":
    with patch("engine.storage.move.moving.STRETCH_ROWS", STRETCH):
        move(f"sqlite:///{sys.argv[1]}", sys.argv[2], clock=StoreClock(wall=time, monotonic=monotonic), told=tell)
    say("done")
