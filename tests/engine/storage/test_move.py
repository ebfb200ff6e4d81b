"""A file's store moved to a server: the same to whoever reads, whenever the move was killed; and never two in one."""

import asyncio
import signal
import sqlite3
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from random import Random

import asyncpg
import pytest

from engine.errors import SchemaBehindError, StoreDamagedError, StoreError, StoreInUseError
from engine.jobs.command import Submit
from engine.jobs.once import Once
from engine.jobs.outcome import ErrorType
from engine.jobs.query import Settled
from engine.jobs.status import Status
from engine.runtime import inline
from engine.storage.check import check
from engine.storage.journal import journal_of
from engine.storage.lock import FileLock
from engine.storage.move import Compared, Moved, move
from engine.storage.move.forms import ROWS
from engine.storage.move.target import OTHERS
from engine.storage.postgres.check import found_in
from engine.storage.postgres.opening import opened
from engine.storage.postgres.session import NAME
from engine.storage.postgres.store import PostgresStore
from engine.storage.schema import metadata
from engine.storage.sqlite import SqliteStore
from tests.contracts.jobs import claim, done, new_job, now, settle, submit
from tests.contracts.stores import LIMITS, Hand, HandClock, a_file, sqlite
from tests.engine.storage.moves import a_store, readings, rows_at, rows_of
from tests.servers.postgres import fresh_database


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with fresh_database() as fresh:
        yield fresh


@asynccontextmanager
async def served(url: str, hand: Hand) -> AsyncIterator[PostgresStore]:
    async with opened(url, limits=LIMITS, clock=HandClock(hand), draw=Random(1).random) as store:
        yield store


async def moved(path: Path, url: str, hand: Hand) -> tuple[Compared, ...]:
    told: list[Moved] = []
    order = partial(move, f"sqlite:///{path}", url, clock=hand.clock(), told=told.append)
    comparison = await asyncio.to_thread(order)
    assert all(each.before < each.rows <= each.total for each in told)
    return comparison


async def test_both_stores_read_the_same(tmp_path: Path, url: str) -> None:
    hand = Hand()
    path = await a_store(tmp_path, hand)
    store = await SqliteStore.open(path, write=inline, read=inline, clock=hand.clock())
    before = await readings(store, hand)
    await store.close()
    comparison = await moved(path, url, hand)
    assert all(each.is_equal for each in comparison)
    told_of = {
        *metadata.tables.keys() - {"workers"},
        *(f"{status} jobs" for status in Status if status is not Status.RUNNING),
    }
    assert {each.what for each in comparison} == told_of
    async with served(url, hand) as there:
        after = await readings(there, hand)
        (answer,) = await there.commit([Submit(jobs=(new_job(900),), once=Once(key="kept", digest="d", answer="{}"))])
    for what, read in before.items():
        assert after[what] == read, what
    assert isinstance(answer, Once)
    assert answer.answer == '{"a": "ü"}'
    assert check(path) == await found_in(url) == []


async def test_the_store_filled_for_this_has_everything(tmp_path: Path) -> None:
    rows = rows_of(await a_store(tmp_path, Hand()))
    assert [table for table, found in rows.items() if not found] == []
    assert {row[1] for row in rows["jobs"]} == {*Status}


async def test_what_was_moved_is_worked_off(tmp_path: Path, url: str) -> None:
    hand = Hand()
    path = await a_store(tmp_path, hand)
    await moved(path, url, hand)
    async with served(url, hand) as store:
        hand.turn(100_000)
        while await store.promote(100) + len(leases := await claim(store)):
            assert all(end.accepted for end in await store.settle([done(lease) for lease in leases]))
        counts = await store.counts()
    assert counts[Status.QUEUED] == counts[Status.RUNNING] == 0
    assert await found_in(url) == []


async def test_moving_again_changes_nothing(tmp_path: Path, url: str) -> None:
    hand = Hand()
    path = await a_store(tmp_path, hand)
    await moved(path, url, hand)
    before = await rows_at(url)
    assert before == rows_of(path)
    assert all(each.is_equal for each in await moved(path, url, hand))
    assert await rows_at(url) == before


async def test_a_store_with_nothing_in_it_is_moved(tmp_path: Path, url: str) -> None:
    assert {(each.source, each.target) for each in await moved(a_file(tmp_path), url, Hand())} == {(0, 0)}


async def killed_at(path: Path, url: str, line: int) -> list[str]:
    """Lines of a move that was killed after so many, or came to its end before."""
    command = [sys.executable, "-m", "tests.engine.storage.moves", str(path), url]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    assert process.stdout is not None
    lines: list[str] = []
    while len(lines) < line and (told := await process.stdout.readline()):
        lines.append(told.decode().strip())
    if process.returncode is None and lines[-1:] != ["done"]:
        process.kill()
    assert await process.wait() == (0 if lines[-1:] == ["done"] else -signal.SIGKILL)
    return lines


async def test_killed_at_any_moment_it_goes_on_and_ends_with_the_same_rows(tmp_path: Path, url: str) -> None:
    """Each time some lines further, over all tables; at the last it is killed in or after what comes at the end."""
    hand = Hand()
    path = await a_store(tmp_path, hand)
    draw = Random(4)
    lines: list[str] = []
    for _ in range(4):
        lines += await killed_at(path, url, draw.randint(2, 14))
    assert lines == sorted(set(lines), key=lines.index), "something was moved twice"
    assert len({line.split()[0] for line in lines}) > 2
    while "done" not in lines:
        lines += await killed_at(path, url, 1000)
    assert await rows_at(url) == rows_of(path)
    assert check(path) == await found_in(url) == []


def folder_in(parent: Path) -> Path:
    (folder := parent / "blank").mkdir()
    return folder


async def left_alone(url: str) -> None:
    """The server takes a moment to see that somebody went."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(5):
            while await connection.fetchval(OTHERS, NAME):
                pass
    finally:
        await connection.close()


async def test_killed_before_its_end_nothing_is_claimed_of_it(tmp_path: Path, url: str) -> None:
    hand = Hand()
    path = await a_store(tmp_path, hand)
    await killed_at(path, url, 20)
    async with served(url, hand) as store:
        assert await claim(store) == []
    await left_alone(url)
    assert all(each.is_equal for each in await moved(path, url, hand))
    assert await rows_at(url) == rows_of(path)


async def test_what_was_claimed_is_claimable_and_settles_once(tmp_path: Path, url: str) -> None:
    hand = Hand()
    async with sqlite(tmp_path, hand) as store:
        await submit(store, new_job(1))
        (dead,) = await claim(store)
    await moved(tmp_path / "jobs.db", url, hand)
    async with served(url, hand) as there:
        (lease,) = await claim(there)
        assert (lease.fence, lease.losses) == (dead.fence + 1, 0)
        assert await settle(there, done(lease)) == Settled(accepted=True, status=Status.COMPLETED)
        assert not (await settle(there, done(dead))).accepted
    assert await found_in(url) == []


async def test_what_was_sent_and_must_not_be_sent_again_is_not(tmp_path: Path, url: str) -> None:
    hand = Hand()
    async with sqlite(tmp_path, hand) as store:
        await submit(store, new_job(1, method="POST"))
        (lease,) = await claim(store)
        store.journal.begin(lease, alone=False)
        left = journal_of(tmp_path / "jobs.db").read_bytes()
    journal_of(tmp_path / "jobs.db").write_bytes(left)  # as a kill leaves it
    await moved(tmp_path / "jobs.db", url, hand)
    async with served(url, hand) as there:
        job = await now(there, lease.job_id)
        assert (job.status, job.error_type, job.losses) == (Status.FAILED, ErrorType.CONNECTION_LOST, 1)
    assert await found_in(url) == []


async def test_a_file_in_use_or_behind_or_damaged_is_not_moved(tmp_path: Path, url: str) -> None:
    path = a_file(tmp_path)
    with FileLock(path), pytest.raises(StoreInUseError):
        await moved(path, url, Hand())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(SchemaBehindError):
        await moved(path, url, Hand())
    path.write_bytes(b"notes" * 1000)
    with pytest.raises(StoreDamagedError):
        await moved(path, url, Hand())


async def test_jobs_that_are_not_the_files_are_left_alone(tmp_path: Path, url: str) -> None:
    hand = Hand()
    path = await a_store(tmp_path, hand)
    await moved(a_file(folder_in(tmp_path)), url, hand)
    async with served(url, hand) as store:
        await submit(store, new_job(500))
    await left_alone(url)
    before = await rows_at(url)
    with pytest.raises(StoreError, match="job_0500, which the file does not hold"):
        await moved(path, url, hand)
    assert await rows_at(url) == before


async def test_what_was_worked_on_since_is_left_alone(tmp_path: Path, url: str) -> None:
    hand = Hand()
    path = await a_store(tmp_path, hand)
    await moved(path, url, hand)
    async with served(url, hand) as store:
        (lease,) = await claim(store, 1)
        await store.settle([done(lease)])
    await left_alone(url)
    before = await rows_at(url)
    with pytest.raises(StoreError, match=f"holds {lease.job_id}, which the file does not hold, or not in that state"):
        await moved(path, url, hand)
    assert await rows_at(url) == before


async def test_a_database_where_somebody_is_at_work_is_left_alone(tmp_path: Path, url: str) -> None:
    hand = Hand()
    path = await a_store(tmp_path, hand)
    await moved(a_file(folder_in(tmp_path)), url, hand)
    async with served(url, hand):
        with pytest.raises(StoreError, match="somebody is at work"):
            await moved(path, url, hand)


@pytest.mark.parametrize("table", [ROWS[0].name, ROWS[-1].name])
async def test_somebody_who_begins_to_work_meanwhile_is_noticed_and_served(
    tmp_path: Path, url: str, table: str
) -> None:
    hand = Hand()
    path = await a_store(tmp_path, hand)
    await moved(a_file(folder_in(tmp_path)), url, hand)
    came, may_go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def told(moved: Moved) -> None:
        if moved.table == table:
            loop.call_soon_threadsafe(came.set)
            assert may_go_on.wait(20)

    order = partial(move, f"sqlite:///{path}", url, clock=hand.clock(), told=told)
    moving = asyncio.ensure_future(asyncio.to_thread(order))
    await came.wait()
    async with served(url, hand) as store:
        await submit(store, new_job(500))
        may_go_on.set()
        with pytest.raises(StoreError, match="somebody is at work"):
            await moving
        assert [lease.job_id for lease in await claim(store)] == ["job_0500"]


async def test_what_is_missing_is_told(tmp_path: Path, url: str) -> None:
    hand = Hand()
    path = await a_store(tmp_path, hand)
    await moved(path, url, hand)
    connection = await asyncpg.connect(url)
    await connection.execute("DELETE FROM idempotency_keys")
    await connection.close()
    assert [each.what for each in await moved(path, url, hand) if not each.is_equal] == ["idempotency_keys"]


@pytest.mark.parametrize("urls", [("mysql://a/b", "postgresql://h/d"), ("sqlite:///a", "sqlite:///b"), ("", "")])
def test_only_from_a_file_to_a_server(urls: tuple[str, str]) -> None:
    with pytest.raises(StoreError, match=r"a move (comes from sqlite|goes to postgresql)"):
        move(*urls, clock=Hand().clock(), told=print)


def test_a_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no"):
        move(f"sqlite:///{tmp_path}/jobs.db", "postgresql://nobody.invalid/d", clock=Hand().clock(), told=print)
    assert not list(tmp_path.iterdir())
