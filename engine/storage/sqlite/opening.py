"""Opens a file: the lock, the schema's revision, two facts that an index knows, what the last owner left.

Nothing is scanned.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.errors import SchemaBehindError
from engine.jobs.ports import Ends
from engine.jobs.status import Status
from engine.runtime.threads import Call
from engine.storage.clock import StoreClock
from engine.storage.journal import HandJournal, journal_of, left_behind
from engine.storage.lock import FileLock
from engine.storage.news import News
from engine.storage.places import PER_SECOND
from engine.storage.revision import HEAD, revisions
from engine.storage.sqlite import log
from engine.storage.sqlite.connection import open_writer
from engine.storage.sqlite.faults import translated
from engine.storage.sqlite.reader import Reader
from engine.storage.sqlite.recovery import recover
from engine.storage.sqlite.soundness import Soundness
from engine.storage.sqlite.transaction import Transaction
from engine.storage.sqlite.writer import Writer

NEXT_TYPE = "SELECT min(scraper_type) FROM jobs WHERE scraper_type > ?"
LATEST_JOB = "SELECT max(created_at) FROM jobs WHERE scraper_type = ? AND status = ?"
FIRST_TURN = """
    SELECT min(turn) FROM lanes WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL
    UNION ALL
    SELECT min(turn) FROM batches WHERE parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit
"""
LATEST_CLAIM = "SELECT max(updated_at) FROM jobs WHERE status = 'running' AND lease_until IS NOT NULL"
LATEST_RETRY = """
    SELECT max(updated_at) FROM (
        SELECT updated_at FROM jobs WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 100)
"""
"""Of those due next: what was put off by a clock that was ahead would else wait until this one gets there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file that is ours, and who works with it."""

    lock: FileLock
    writer: Writer
    reader: Reader
    journal: HandJournal
    news: News
    now: Callable[[], float]
    types: set[str]
    """All scraper types among its jobs."""
    recovered: Mapping[str, int]
    """How many jobs of the last owner met which fate."""
    ends: Ends
    """And to which of them that was the end."""


def opened(
    path: Path, *, write: Call, read: Call, clock: StoreClock, log_bytes: int, ended: Callable[[Ends], object]
) -> Opened:
    """Brings the clock up to what the file knows, and takes back what whoever had the file before held."""
    if not path.exists():
        raise SchemaBehindError
    with ExitStack() as unless_it_opens, translated(path):
        lock = unless_it_opens.enter_context(FileLock(path))
        connection = open_writer(path)
        unless_it_opens.callback(connection.close)
        _check_schema(connection)
        log.allot(log.of(path), log_bytes)  # before what the last owner left is written
        types = _scraper_types(connection)
        clock.never_behind(_latest_time(connection, types))
        news, soundness = News(ended=ended), Soundness(path)
        writer = Writer(path=path, connection=connection, call=write, clock=clock, news=news, soundness=soundness)
        writer.places.reach(_reached(connection, clock.now()))
        recovery: list[Transaction] = []
        recovered = writer.transact(partial(recover, left=left_behind(journal_of(path))), recovery.append)
        journal = HandJournal(journal_of(path))
        unless_it_opens.pop_all()
    reader = Reader(path=path, call=read, clock=clock, soundness=soundness)
    return Opened(
        lock=lock,
        writer=writer,
        reader=reader,
        journal=journal,
        news=news,
        now=clock.now,
        types=types,
        recovered=recovered,
        ends=recovery[0].ends,
    )


def _check_schema(connection: sqlite3.Connection) -> None:
    if revisions(connection) != [HEAD]:
        raise SchemaBehindError


def _scraper_types(connection: sqlite3.Connection) -> set[str]:
    found: set[str] = set()
    latest = ""
    while latest is not None:
        ((latest,),) = connection.execute(NEXT_TYPE, (latest,)).fetchall()
        found.add(latest)
    return found - {None}


def _reached(connection: sqlite3.Connection, now: float) -> float:
    """How far claims came: up to the first lane. Where none waits they begin at a place that is behind all others."""
    first = [turn for (turn,) in connection.execute(FIRST_TURN).fetchall() if turn is not None]
    return int(min(first, default=now * PER_SECOND)) - 1


def _latest_time(connection: sqlite3.Connection, types: Iterable[str]) -> float:
    """The latest time that is cheap to know: of a submit, of a claim that was not settled, of a retry."""
    found = connection.execute(LATEST_CLAIM).fetchall() + connection.execute(LATEST_RETRY).fetchall()
    for kind in types:
        for status in Status:
            found += connection.execute(LATEST_JOB, (kind, status.value)).fetchall()
    return max(latest or 0.0 for (latest,) in found)
