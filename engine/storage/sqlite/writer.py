"""The one that writes: one transaction after the other, on one connection, in one thread.

A damaged file is written to no more, for good.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from engine.errors import StoreError
from engine.runtime.threads import Call
from engine.storage.clock import StoreClock
from engine.storage.news import News
from engine.storage.places import Places
from engine.storage.sqlite import log
from engine.storage.sqlite.cancels import stop
from engine.storage.sqlite.soundness import Soundness
from engine.storage.sqlite.space import cut
from engine.storage.sqlite.transaction import Transaction
from engine.storage.sqlite.turnstile import Turn, Turnstile

WAL_BOUND_BYTES = 256 * 1024 * 1024
"""Past it a commit is followed by a checkpoint: maintenance does not keep up."""

T = TypeVar("T")


class Writer:
    """Serves by class of Turn; `call` runs the work, one at a time."""

    def __init__(
        self,
        *,
        path: Path,
        connection: sqlite3.Connection,
        call: Call,
        clock: StoreClock,
        news: News,
        soundness: Soundness,
    ) -> None:
        self._wal = log.of(path)
        self._connection = connection
        self._call = call
        self._clock = clock
        self.places = Places()
        self._news = news
        self._turnstile = Turnstile()
        self._soundness = soundness

    async def run(self, turn: Turn, act: Callable[[Transaction], T]) -> T:
        """What the act returns, once it is on the disk; nothing is written if it raises."""
        committed: list[Transaction] = []
        async with self._turnstile.taken(turn):
            try:
                return await self._call(partial(self.transact, act, committed.append))
            finally:
                self._tell(committed)  # also when who asked was cancelled meanwhile: it is on the disk

    async def cut(self, pages: int) -> None:
        """Gives so many empty pages back to the disk."""
        async with self._turnstile.taken(Turn.MAINTENANCE):
            await self._call(partial(self._cut, pages))

    async def checkpoint(self) -> None:
        """While nobody writes: what comes next is written over the log, unless a reader is in the way."""
        async with self._turnstile.taken(Turn.MAINTENANCE):
            await self._call(self._move_wal)

    async def close(self) -> None:
        async with self._turnstile.taken(Turn.MAINTENANCE):
            await self._call(self._close)

    def transact(
        self, act: Callable[[Transaction], T], committed: Callable[[Transaction], object] = lambda _: None
    ) -> T:
        """In the thread that writes."""
        with self._soundness.needed():
            transaction = Transaction(self._connection, now=self._clock.now(), places=self.places)
            with self._all_or_nothing():
                answer = act(transaction)
                transaction.fold()
                stop(transaction)
            committed(transaction)
        self._bound_wal()
        return answer

    def _cut(self, pages: int) -> None:
        with self._soundness.needed():
            cut(self._connection, pages)

    def _close(self) -> None:
        with self._soundness.kept():
            self._connection.close()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        if self._connection.in_transaction:  # the last could not even be undone
            self._connection.execute("ROLLBACK")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _bound_wal(self) -> None:
        if self._wal.stat().st_size > WAL_BOUND_BYTES:
            with suppress(StoreError):  # what was committed is; the next commit meets the trouble itself
                self._cut_wal()

    def _cut_wal(self) -> None:
        with self._soundness.needed():
            log.cut(self._connection)

    def _move_wal(self) -> None:
        with self._soundness.needed():
            log.checkpoint(self._connection)

    def _tell(self, committed: list[Transaction]) -> None:
        for transaction in committed:
            self._news.ended(transaction.ended)
            self._news.ends_came(transaction.ends)
            if transaction.has_work:
                self._news.work_came()
