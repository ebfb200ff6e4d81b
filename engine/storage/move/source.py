"""The file that is moved from: ours alone meanwhile, and only read.

What its last owner left running is taken back before, as whoever opened the file next would do it.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from engine.errors import SchemaBehindError, StoreError
from engine.runtime.threads import inline
from engine.storage.clock import StoreClock
from engine.storage.lock import FileLock
from engine.storage.move.comparison import JOBS_BY_STATUS, STANDING
from engine.storage.move.forms import LAST, ROWS, Form
from engine.storage.revision import HEAD, revisions
from engine.storage.sqlite import SqliteStore
from engine.storage.sqlite.connection import open_reader
from engine.storage.sqlite.faults import translated

RUNNING = "SELECT EXISTS (SELECT 1 FROM jobs WHERE status = 'running')"

Row = Sequence[Any]


class Source:
    """Rows come in the order of their keys, which both databases compare by their bytes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count(self, form: Form) -> int:
        ((number,),) = self._connection.execute(form.number).fetchall()
        return int(number)

    def counts(self) -> Mapping[str, int]:
        statuses = self._connection.execute(JOBS_BY_STATUS + " ORDER BY status").fetchall()
        return {form.name: self.count(form) for form in (*ROWS, *LAST)} | {f"{name} jobs": n for name, n in statuses}

    def rows(self, form: Form, after: Row | None = None) -> Iterator[Row]:
        """Those with a key above."""
        return self._connection.execute(form.in_order) if after is None else self._connection.execute(form.after, after)

    def standings(self) -> Iterator[Row]:
        return self._connection.execute(STANDING)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Raises StoreInUseError, SchemaBehindError, StoreDamagedError."""
    if not path.exists():
        raise StoreError(f"there is no {path}")
    with FileLock(path), translated(path), closing(open_reader(path)) as connection:
        if revisions(connection) != [HEAD]:
            raise SchemaBehindError
        yield Source(connection)


async def take_back(path: Path, clock: StoreClock) -> None:
    """Suspects are put off at each start: where nothing is running, nothing is changed."""
    with opened(path), closing(open_reader(path)) as connection:
        ((is_running,),) = connection.execute(RUNNING).fetchall()
    if is_running:
        store = await SqliteStore.open(path, write=inline, read=inline, clock=clock)
        await store.close()
