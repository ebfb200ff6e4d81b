"""Jobs settled with their pages in the SQLite store, against the same rows written through bare sqlite3."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from time import process_time

from perf.bench.storage import BareRows, Rows, StoreRows, a_connection, a_store
from perf.rulers.ruler import Take

_BATCH = 200
_BATCHES = 3


@asynccontextmanager
async def ours() -> AsyncIterator[Take]:
    async with a_store() as store:
        yield partial(_settled, StoreRows(store, timer=process_time))


@asynccontextmanager
async def bare() -> AsyncIterator[Take]:
    async with a_connection() as connection:
        yield partial(_settled, BareRows(connection, timer=process_time))


async def _settled(rows: Rows) -> float:
    taken_s = 0.0
    for _ in range(_BATCHES):
        await rows.submit(_BATCH)
        await rows.claim(_BATCH)
        taken_s += await rows.settle()
    return _BATCH * _BATCHES / taken_s
