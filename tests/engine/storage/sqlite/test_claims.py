"""What a claim costs: by what it takes, whatever waits."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from engine.jobs.command import Submit
from engine.jobs.job import Batch
from engine.jobs.ports import JobStore
from engine.storage.sqlite import opening
from engine.storage.sqlite.connection import open_writer
from tests.contracts.jobs import claim, new_job, submit
from tests.contracts.stores import START, Hand, sqlite

LOOK_EVERY = 10
"""Instructions of SQLite's machine."""


class Watched:
    """A store on a file of its own, whose writer is looked at."""

    def __init__(self, store: JobStore, writer: sqlite3.Connection) -> None:
        self.store = store
        self._writer = writer

    async def instructions(self, room: int) -> int:
        """Of a claim that takes as many jobs."""
        seen = 0

        def look() -> None:
            nonlocal seen
            seen += LOOK_EVERY

        self._writer.set_progress_handler(look, LOOK_EVERY)
        assert len(await claim(self.store, room)) == room
        self._writer.set_progress_handler(None, 0)
        return seen

    async def statements(self, room: int) -> list[str]:
        asked: list[str] = []
        self._writer.set_trace_callback(asked.append)
        assert len(await claim(self.store, room)) == room
        self._writer.set_trace_callback(None)
        return [statement.split()[0] for statement in asked]


@asynccontextmanager
async def watched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    opened: list[sqlite3.Connection] = []

    def noted(path: Path) -> sqlite3.Connection:
        opened.append(open_writer(path))
        return opened[-1]

    monkeypatch.setattr(opening, "open_writer", noted)
    async with sqlite(folder, Hand()) as store:
        yield Watched(store, opened[-1])


async def submit_limited(store: JobStore, batch: str, first: int, lanes: int, *, limit: int = 1) -> None:
    jobs = tuple(new_job(first + lane, host=f"{lane}.test", batch_id=batch) for lane in range(lanes))
    await store.commit([Submit(jobs=jobs, batch=Batch(id=batch, total=lanes, created_at=START, parallel_limit=limit))])


async def test_a_claim_where_no_batch_has_a_limit_asks_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(tmp_path, monkeypatch) as plain:
        await submit(plain.store, *(new_job(number, host=f"{number}.test", batch_id="batch_1") for number in range(9)))
        asked = await plain.statements(4)
    assert asked == ["BEGIN", "SELECT", "SELECT", "UPDATE", "UPDATE", "INSERT", "INSERT", "COMMIT"]


async def test_full_batches_cost_a_claim_nothing_however_many_lanes_they_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for lanes in (5, 3000):
        async with watched(Path(mkdtemp(dir=tmp_path)), monkeypatch) as found:
            for batch in range(2):
                await submit_limited(found.store, f"batch_{batch}", batch * lanes, lanes)
            assert len(await claim(found.store)) == 2
            await submit(found.store, *(new_job(9000 + number, host=f"{number}.free") for number in range(40)))
            costs.append(await found.instructions(20))
    assert costs[1] < costs[0] * 1.1


async def test_many_batches_with_room_and_many_lanes_cost_by_what_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for size in (10, 100):
        async with watched(Path(mkdtemp(dir=tmp_path)), monkeypatch) as found:
            for batch in range(size):
                await submit_limited(found.store, f"batch_{batch}", batch * size, size, limit=1000)
            costs.append(await found.instructions(10))
    assert costs[1] < costs[0] * 1.5
