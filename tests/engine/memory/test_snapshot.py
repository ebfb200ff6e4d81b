"""Snapshots of what is allocated while one looks."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator

import pytest

from engine.errors import SnapshotUnderWayError
from engine.memory.snapshot import LINES, Snapshots
from engine.runtime import Threads
from tests.conftest import eventually


@pytest.fixture
async def snapshots() -> AsyncIterator[Snapshots]:
    threads = Threads("snapshot", 1)
    yield Snapshots(call=threads)
    await threads.close()
    assert not tracemalloc.is_tracing()


async def leak(kept: list[bytearray]) -> None:
    while True:
        kept.append(bytearray(100_000))
        await asyncio.sleep(0.01)


async def test_the_line_that_leaks_comes_first(snapshots: Snapshots) -> None:
    kept: list[bytearray] = []
    leaking = asyncio.ensure_future(leak(kept))
    found = await snapshots(1.0)
    leaking.cancel()
    first = found.lines[0]
    assert first.file == __file__
    assert first.line == leak.__code__.co_firstlineno + 2
    assert first.count > 0
    assert first.held_bytes > first.size_bytes > first.count * 50_000
    assert found.traced_bytes > first.size_bytes
    assert found.tracing_bytes > 0
    assert len(found.lines) <= LINES


async def test_there_is_one_at_a_time_and_the_next_may_follow(snapshots: Snapshots) -> None:
    first = asyncio.ensure_future(snapshots(0.2))
    await eventually(tracemalloc.is_tracing)
    with pytest.raises(SnapshotUnderWayError):
        await snapshots(0.1)
    await first
    await snapshots(0.1)


async def test_who_is_cancelled_leaves_nothing_on(snapshots: Snapshots) -> None:
    looking = asyncio.ensure_future(snapshots(30))
    await eventually(tracemalloc.is_tracing)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert not tracemalloc.is_tracing()
