"""Those who read, beside the writer: each statement sees the latest commit and holds nothing afterwards."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from engine.errors import StoreError
from engine.runtime.threads import Call
from engine.storage.clock import StoreClock
from engine.storage.sqlite.connection import open_reader
from engine.storage.sqlite.soundness import Soundness

STATEMENT_LIMIT_S = 5.0
_LOOK_EVERY = 100_000
"""Instructions of SQLite's machine, about a millisecond, between two looks at the clock."""

T = TypeVar("T")


class Reader:
    """As many connections as `call` runs reads at once. A statement over the limit ends in QueryTooSlowError."""

    def __init__(self, *, path: Path, call: Call, clock: StoreClock, soundness: Soundness) -> None:
        self._path = path
        self._soundness = soundness
        self._call = call
        self._clock = clock
        self._idle: deque[sqlite3.Connection] = deque()
        self._is_closed = False

    async def run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        return await self._call(partial(self._read, read))

    async def close(self) -> None:
        await self._call(self._close)

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        with self._soundness.watched(), self._connection() as connection:
            ends_at = self._clock.now() + STATEMENT_LIMIT_S
            connection.set_progress_handler(lambda: self._clock.now() > ends_at, _LOOK_EVERY)
            return read(connection)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if self._is_closed:
            raise StoreError("the store is closed")
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = open_reader(self._path)
        try:
            yield connection
        finally:
            self._idle.append(connection)
            if self._is_closed:
                self._close()

    def _close(self) -> None:
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()
