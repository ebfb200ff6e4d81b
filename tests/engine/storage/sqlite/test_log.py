"""The write-ahead log: its room, what stands in it after a death, and that it is written over and does not grow."""

import resource
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from engine.runtime import inline
from engine.storage.check import check
from engine.storage.sqlite import SqliteStore, log, writer
from tests.contracts.jobs import new_job, submit
from tests.contracts.stores import Hand, a_file, sqlite

MIB = 1024 * 1024
FRAME_BYTES = 24 + 8192

T = TypeVar("T")


def as_a_death_leaves_it(path: Path, folder: Path) -> Path:
    """The file and its log, at this moment."""
    folder.mkdir()
    for name in (path.name, f"{path.name}-wal"):
        shutil.copy(path.with_name(name), folder / name)
    return folder / path.name


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@asynccontextmanager
async def allotted(path: Path, hand: Hand) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(path, write=inline, read=inline, clock=hand.clock(), log_bytes=MIB)
    try:
        yield store
    finally:
        await store.close()


async def jobs_in(path: Path, hand: Hand) -> int:
    store = await SqliteStore.open(path, write=inline, read=inline, clock=hand.clock())
    try:
        return sum((await store.counts()).values())
    finally:
        await store.close()


async def test_a_log_that_was_allotted_holds_what_was_committed_at_any_death(tmp_path: Path, hand: Hand) -> None:
    async with allotted(a_file(tmp_path), hand) as store:
        for jobs in range(6):
            left = as_a_death_leaves_it(tmp_path / "jobs.db", tmp_path / f"after{jobs}")
            assert left.with_name("jobs.db-wal").stat().st_size == MIB
            assert check(left) == []
            assert await jobs_in(left, hand) == jobs
            await submit(store, new_job(jobs))
            if jobs == 3:
                await store.tidy(10)
    assert await jobs_in(tmp_path / "jobs.db", hand) == 6


@pytest.mark.parametrize("rounds", [0, 1, 2])
async def test_a_commit_that_is_torn_in_an_allotted_log_takes_none_before_it_along(
    tmp_path: Path, hand: Hand, rounds: int
) -> None:
    """What is under it are zeros, or what was written in a round before."""
    path, wal = tmp_path / "jobs.db", tmp_path / "jobs.db-wal"
    async with allotted(a_file(tmp_path), hand) as store:
        for number in range(rounds):
            await submit(store, *(new_job(10 * number + each) for each in range(1, 10)))
            await store.tidy(10)
        await submit(store, new_job(0))
        before = wal.read_bytes()
        await submit(store, new_job(100))
        after = wal.read_bytes()
        changed = [place for place in range(MIB) if before[place] != after[place]]
        begin, end = changed[0], changed[-1]
        for number, torn_at in enumerate(range(begin, end, FRAME_BYTES // 3)):
            left = as_a_death_leaves_it(path, tmp_path / f"torn{number}")
            left.with_name("jobs.db-wal").write_bytes(after[:torn_at] + before[torn_at:])
            assert check(left) == []
            assert await jobs_in(left, hand) == 1 + 9 * rounds


async def test_room_is_allotted_to_an_empty_log_alone(tmp_path: Path, hand: Hand) -> None:
    async with sqlite(tmp_path, hand) as store:
        await submit(store, new_job(0))
        left = as_a_death_leaves_it(tmp_path / "jobs.db", tmp_path / "left")
    found = left.with_name("jobs.db-wal").read_bytes()
    async with allotted(left, hand):
        assert left.with_name("jobs.db-wal").read_bytes() == found


async def test_of_a_disk_that_is_small_or_full_no_room_is_taken(
    tmp_path: Path, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.allot(Path("/dev/full"), MIB)
    with no_file_larger_than(MIB + MIB // 2):
        log.allot(tmp_path / "refused", 4 * MIB)
    assert (tmp_path / "refused").stat().st_size == 0
    monkeypatch.setattr(log, "SHARE", shutil.disk_usage(tmp_path).total // MIB * 2)
    async with allotted(a_file(tmp_path), hand):
        assert (tmp_path / "jobs.db-wal").stat().st_size == 0


async def test_the_log_never_passes_its_bound(tmp_path: Path, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "WAL_BOUND_BYTES", 100_000)
    async with sqlite(tmp_path, hand) as store:
        for number in range(40):
            await submit(store, new_job(number))
            assert (tmp_path / "jobs.db-wal").stat().st_size <= 100_000
    assert check(tmp_path / "jobs.db") == []


async def test_a_log_that_was_moved_is_written_over(tmp_path: Path, hand: Hand) -> None:
    wal = tmp_path / "jobs.db-wal"
    async with sqlite(tmp_path, hand) as store:
        await submit(store, *(new_job(number) for number in range(50)))
        before = wal.stat().st_size
        for number in range(50, 70):
            await store.tidy(10)
            await submit(store, new_job(number))
            assert wal.stat().st_size == before > 0


async def test_a_long_log_that_grows_while_it_is_moved_is_moved_to_its_end_and_written_over(
    tmp_path: Path, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "LONG_BYTES", FRAME_BYTES)
    wal, numbers = tmp_path / "jobs.db-wal", count()
    with closing(sqlite3.connect(a_file(tmp_path), isolation_level=None)) as somebody:

        async def write() -> None:
            await submit(store, new_job(next(numbers)))

        async def write_and_let_go() -> None:
            await write()
            somebody.execute("COMMIT")

        after_a_read = [write_and_let_go, write]

        async def read(work: Callable[[], T]) -> T:
            answer = work()
            if after_a_read:
                await after_a_read.pop()()
            return answer

        store = await SqliteStore.open(tmp_path / "jobs.db", write=inline, read=read, clock=hand.clock())
        await write()
        somebody.execute("BEGIN")
        somebody.execute("SELECT count(*) FROM jobs").fetchall()
        await store.tidy(10)
        before = wal.stat().st_size
        await write()
        assert wal.stat().st_size == before
        await store.close()
    assert check(tmp_path / "jobs.db") == []
