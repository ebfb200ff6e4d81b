"""What is the SQLite store's own: one process a file, damage, a full disk, slow queries, the log, room."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count, pairwise
from math import nan
from pathlib import Path
from random import randbytes
from typing import TypeVar

import pytest

from engine.errors import (
    QueryTooSlowError,
    RefusedDataError,
    SchemaBehindError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreInUseError,
)
from engine.jobs.command import Cancel, KeepChunk, Submit
from engine.jobs.outcome import Chunks
from engine.jobs.ports import JobStore
from engine.jobs.query import JobQuery
from engine.jobs.status import Status
from engine.runtime import Threads, inline
from engine.storage.check import check
from engine.storage.clock import StoreClock
from engine.storage.sqlite import SqliteStore, opening, reader, space
from engine.storage.sqlite.connection import open_writer
from tests.contracts.jobs import LEASE_S, body_of, claim, claim_one, done, new_job, now, page_with, put_off, submit
from tests.contracts.stores import START, Hand, a_file, sqlite

T = TypeVar("T")


async def reopened(path: Path, hand: Hand) -> SqliteStore:
    return await SqliteStore.open(path, write=inline, read=inline, clock=hand.clock())


async def test_what_was_committed_is_there_after_a_restart(tmp_path: Path, hand: Hand) -> None:
    async with sqlite(tmp_path, hand) as store:
        await submit(store, new_job(0, scraper_type="browser"), new_job(1, tags=("red",)), new_job(2))
        (lease,) = await claim(store, 1)
        await store.settle([done(lease)])
        before = [await now(store, f"job_000{number}") for number in range(3)]
    again = await reopened(tmp_path / "jobs.db", hand)
    assert list((await again.find(JobQuery(descending=False))).jobs) == before
    assert (await again.settle([done(lease)]))[0].accepted
    assert len(await claim(again)) == 2
    await again.close()


async def test_a_second_process_is_refused_and_told_what_to_use(tmp_path: Path, hand: Hand) -> None:
    async with sqlite(tmp_path, hand):
        with pytest.raises(StoreInUseError, match="PostgreSQL"):
            await reopened(tmp_path / "jobs.db", hand)


async def test_a_file_without_the_schema_is_refused_and_let_go(tmp_path: Path, hand: Hand) -> None:
    path = tmp_path / "jobs.db"
    for _ in range(2):
        with pytest.raises(SchemaBehindError):
            await reopened(path, hand)
        assert not path.exists() or path.stat().st_size
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS notes (text)")


async def test_the_clock_is_not_behind_the_latest_job_when_the_wall_went_back(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    hand = Hand()
    hand.turn(3600)
    store = await reopened(path, hand)
    await submit(store, new_job(created_at=hand.now()))
    await store.close()
    back = StoreClock(wall=lambda: START - 3600, monotonic=lambda: 0.0)
    store = await SqliteStore.open(path, write=inline, read=inline, clock=back)
    assert 0 <= (await claim(store))[0].until - (hand.now() + LEASE_S) < 1
    await store.close()


async def test_a_retry_does_not_wait_for_a_clock_that_was_ahead(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    ahead = Hand()
    store = await reopened(path, ahead)
    await submit(store, new_job())
    ahead.turn(86_400)
    (lease,) = await claim(store)
    await store.settle([put_off(lease, ahead.now() + 5)])
    await store.close()
    hand = Hand()
    store = await reopened(path, hand)
    hand.turn(6)
    assert await store.promote(10) == 1
    await store.close()


async def test_a_closed_store_says_so(tmp_path: Path, hand: Hand) -> None:
    async with sqlite(tmp_path, hand) as store:
        await store.close()
        with pytest.raises(StoreError):
            await store.get("job_0000")
        with pytest.raises(StoreError):
            await submit(store, new_job())


async def test_a_full_disk_refuses_what_is_new_and_reads_go_on(
    tmp_path: Path, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[sqlite3.Connection] = []

    def noted(path: Path) -> sqlite3.Connection:
        opened.append(open_writer(path))
        return opened[-1]

    monkeypatch.setattr(opening, "open_writer", noted)
    async with sqlite(tmp_path, hand) as store:
        lease = await claim_one(store)
        opened[0].execute("PRAGMA max_page_count = 1")
        with pytest.raises(StoreFullError):
            await store.commit([Submit(jobs=tuple(new_job(number) for number in range(1, 2000)))])
        assert sum((await store.counts()).values()) == 1
        assert (await now(store, lease.job_id)).status is Status.RUNNING
        opened[0].execute("PRAGMA max_page_count = 1000000")
        await store.settle([done(lease)])
    assert check(tmp_path / "jobs.db") == []


async def test_a_damaged_file_is_named_and_written_to_no_more(tmp_path: Path, hand: Hand) -> None:
    path = a_file(tmp_path)
    store = await reopened(path, hand)
    await submit(store, *(new_job(number) for number in range(500)))
    await store.close()
    _scribble_over(path, "jobs")
    store = await reopened(path, hand)
    with pytest.raises(StoreDamagedError, match=r"jobs\.db is damaged"):
        await claim(store)
    before = path.read_bytes()
    with pytest.raises(StoreDamagedError, match=r"jobs\.db is damaged"):
        await store.commit([Cancel(job_id="none")])
    await store.close()
    assert path.read_bytes() == before
    assert check(path)


async def test_damage_that_a_reader_meets_stops_the_writer_and_other_reads_go_on(tmp_path: Path, hand: Hand) -> None:
    path = a_file(tmp_path)
    store = await reopened(path, hand)
    await submit(store, *(new_job(number, due_at=START + 9) for number in range(500)))
    await store.close()
    _scribble_over(path, "jobs")
    store = await reopened(path, hand)
    with pytest.raises(StoreDamagedError, match=r"jobs\.db is damaged"):
        await store.get("job_0000")
    with pytest.raises(StoreDamagedError, match="cfscraper check"):
        await store.renew([], lease_s=LEASE_S)
    assert (await store.queue()).delayed == 500
    await store.close()


async def test_the_log_of_a_damaged_file_is_kept_beside_it_and_not_moved_into_it(tmp_path: Path, hand: Hand) -> None:
    path = a_file(tmp_path)
    wal = path.with_name("jobs.db-wal")
    store = await reopened(path, hand)
    await submit(store, *(new_job(number, due_at=START + 9) for number in range(500)))
    await store.tidy(10)
    await submit(store, new_job(500, host="other.test"))
    _scribble_over(path, "job_tags")
    with pytest.raises(StoreDamagedError):
        await store.find(JobQuery(tags=("red",)))
    before = (path.read_bytes(), wal.read_bytes())
    await store.close()
    assert (path.read_bytes(), wal.read_bytes()) == before


def _scribble_over(path: Path, table: str) -> None:
    """The leaves of a table, which no opening reads."""
    with closing(sqlite3.connect(path)) as connection:
        ((root,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchall()
    with path.open("r+b") as file:
        file.seek((root - 1) * 8192)
        file.write(b"\xff" * 8192)


async def test_a_damaged_body_names_its_job(tmp_path: Path, hand: Hand) -> None:
    async with sqlite(tmp_path, hand) as store:
        await submit(store, new_job(0), new_job(1), new_job(2))
        small, large, short = await claim(store)
        await store.commit([KeepChunk(job_id=large.job_id, fence=1, seq=0, data=b"x" * 9000)])
        in_chunks = page_with(b"", chunks=Chunks(count=1, sha256="5f"))
        await store.settle([done(small, page_with(b"y" * 9000)), done(large, in_chunks), done(short, in_chunks)])
        with closing(sqlite3.connect(tmp_path / "jobs.db")) as connection, connection:
            for table, column in (("job_results", "body"), ("body_chunks", "data")):
                cut = f"UPDATE {table} SET {column} = CAST(substr({column}, 1, length({column}) - 1) || x'ff' AS BLOB)"  # noqa: S608 - constants
                connection.execute(f"{cut} WHERE {column} IS NOT NULL")
        for lease in (small, large, short):
            with pytest.raises(StoreDamagedError, match=lease.job_id):
                await body_of(store, lease.job_id)
        assert await claim(store) == []


async def test_a_statement_that_takes_too_long_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_LOOK_EVERY", 100)
    seconds = count()
    passing = StoreClock(wall=lambda: START, monotonic=lambda: float(next(seconds)))
    store = await SqliteStore.open(a_file(tmp_path), write=inline, read=inline, clock=passing)
    await submit(store, *(new_job(number) for number in range(200)))
    with pytest.raises(QueryTooSlowError):
        await store.find(JobQuery(url_contains="nowhere", limit=100))
    assert await store.get("job_0000") is not None
    await store.close()


async def test_what_was_written_for_who_is_gone_by_then_is_told_to_who_waits(tmp_path: Path, hand: Hand) -> None:
    write = Held()
    store = await SqliteStore.open(a_file(tmp_path), write=write, read=inline, clock=hand.clock())
    lease = await claim_one(store)
    waiter = asyncio.create_task(store.wait_until_final(lease.job_id, 3600))
    settling = asyncio.create_task(store.settle([done(lease)]))
    await asyncio.sleep(0)
    write.after = settling.cancel
    async with asyncio.timeout(5):
        ended = await waiter
    assert ended is not None
    assert ended.status is Status.COMPLETED
    assert await asyncio.wait([settling])
    assert settling.cancelled()
    await store.close()


class Held:
    """Runs the work at once; who asked hears of it a turn of the loop later, if it is still there."""

    after: Callable[[], object] | None = None

    async def __call__(self, work: Callable[[], T], /) -> T:
        await asyncio.sleep(0)
        answer = work()
        if self.after is not None:
            self.after()
            self.after = None
        await asyncio.sleep(0)
        return answer


async def test_readers_and_the_writer_work_side_by_side(tmp_path: Path, hand: Hand) -> None:
    write, read = Threads("write", 1), Threads("read", 4)
    store = await SqliteStore.open(a_file(tmp_path), write=write, read=read, clock=hand.clock())

    async def a_way(number: int) -> None:
        await submit(store, new_job(number))
        for lease in await claim(store, 2):
            await store.settle([done(lease)])
        assert len((await store.find(JobQuery(limit=100))).jobs) >= 1

    await asyncio.gather(*(a_way(number) for number in range(60)), *(store.tidy(10) for _ in range(5)))
    assert (await store.counts())[Status.COMPLETED] == 60
    await store.close()
    await read.close()
    await write.close()
    assert check(tmp_path / "jobs.db") == []


async def test_room_that_stays_empty_is_given_back_to_the_disk_in_steps(
    tmp_path: Path, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "STEP_PAGES", 8)
    async with sqlite(tmp_path, hand, result_ttl_s=60.0) as store:
        await submit(store, *(new_job(number) for number in range(64)))
        await store.settle([done(lease, page_with(randbytes(9000))) for lease in await claim(store)])
        hand.turn(60.0)
        sizes = [await _pages(store, tmp_path / "jobs.db") for _ in range(20)]
        assert [await store.get("job_0063") is not None, await body_of(store, "job_0063")] == [True, []]
    steps = [before - after for before, after in pairwise(sizes)]
    assert max(steps) == 8
    assert sizes[-1] < sizes[0] / 2
    assert check(tmp_path / "jobs.db") == []


async def _pages(store: JobStore, path: Path) -> int:
    """After maintenance."""
    await store.tidy(100)
    with closing(sqlite3.connect(path)) as connection:
        ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
    return int(pages)


async def test_an_update_that_fails_in_its_midst_leaves_all_running(tmp_path: Path, hand: Hand) -> None:
    async with sqlite(tmp_path, hand) as store:
        await submit(store, *map(new_job, range(3)))
        leases = await claim(store)
        counts = await store.counts()
        takes = iter((0.1, nan, 0.1))  # a NOT NULL constraint fails
        pages = [done(lease, page_with(elapsed_s=next(takes))) for lease in leases]
        with pytest.raises(RefusedDataError):
            await store.settle(pages)
        assert await store.counts() == counts
        assert [end.accepted for end in await store.settle([pages[0], pages[2]])] == [True, True]
    assert check(tmp_path / "jobs.db") == []


async def test_a_log_that_cannot_be_moved_for_want_of_room_is_no_trouble_of_who_tidies(
    tmp_path: Path, hand: Hand
) -> None:
    is_full = False

    async def read(work: Callable[[], T]) -> T:
        if is_full:
            raise StoreFullError
        return work()

    store = await SqliteStore.open(a_file(tmp_path), write=inline, read=read, clock=hand.clock())
    await submit(store, new_job())
    is_full = True
    assert await store.tidy(10) == 0
    is_full = False
    await store.close()
