"""Opens a file: the lock, the schema's revision, and two facts that an index knows. Nothing is scanned."""

import sqlite3
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SchemaBehindError
from engine.jobs.status import Status
from engine.runtime.threads import Call
from engine.storage.clock import StoreClock
from engine.storage.news import News
from engine.storage.revision import HEAD, revisions
from engine.storage.sqlite.connection import open_writer
from engine.storage.sqlite.faults import translated
from engine.storage.sqlite.lock import FileLock
from engine.storage.sqlite.reader import Reader
from engine.storage.sqlite.writer import Writer

NEXT_TYPE = "SELECT min(scraper_type) FROM jobs WHERE scraper_type > ?"
LATEST_JOB = "SELECT max(created_at) FROM jobs WHERE scraper_type = ? AND status = ?"
END_LEASES = "UPDATE jobs SET lease_until = 0 WHERE status = 'running'"
"""Who held them is dead: the file has one owner. They are rescued as any lease that ended."""
LATEST_TURN = "SELECT max(turn) FROM lanes WHERE queued > 0 AND blocked_until IS NULL"
LATEST_RETRY = """
    SELECT max(updated_at) FROM (SELECT updated_at FROM jobs WHERE due_at > 0 ORDER BY due_at LIMIT 100)
"""
"""Of those due next: what was put off by a clock that was ahead would else wait until this one gets there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file that is ours, and who works with it."""

    lock: FileLock
    writer: Writer
    reader: Reader
    news: News
    types: set[str]
    """All scraper types among its jobs."""


def opened(path: Path, *, write: Call, read: Call, clock: StoreClock) -> Opened:
    """Brings the clock up to what the file knows, and ends the leases of whoever had the file before."""
    if not path.exists():
        raise SchemaBehindError
    with ExitStack() as unless_it_opens, translated(path):
        lock = unless_it_opens.enter_context(FileLock(path))
        connection = open_writer(path)
        unless_it_opens.callback(connection.close)
        _check_schema(connection)
        types = _scraper_types(connection)
        clock.never_behind(_latest_time(connection, types))
        connection.execute(END_LEASES)
        unless_it_opens.pop_all()
    news = News()
    return Opened(
        lock=lock,
        writer=Writer(path=path, connection=connection, call=write, clock=clock, news=news),
        reader=Reader(path=path, call=read, clock=clock),
        news=news,
        types=types,
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


def _latest_time(connection: sqlite3.Connection, types: Iterable[str]) -> float:
    """The latest time that is cheap to know: of a submit, of a claim from a lane where jobs wait, of a retry."""
    found = connection.execute(LATEST_TURN).fetchall() + connection.execute(LATEST_RETRY).fetchall()
    for kind in types:
        for status in Status:
            found += connection.execute(LATEST_JOB, (kind, status.value)).fetchall()
    return max(latest or 0.0 for (latest,) in found)
