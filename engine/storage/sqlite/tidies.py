"""Maintenance: removes what nobody will ask for again, gives back its room, and moves the log into the file.

In steps of a few milliseconds each, for others want to write.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from engine.errors import StoreFullError
from engine.storage.sqlite import log, space
from engine.storage.sqlite.chunks import sweep
from engine.storage.sqlite.keys import forget
from engine.storage.sqlite.prunes import oldest, prune
from engine.storage.sqlite.reader import Reader
from engine.storage.sqlite.transaction import Transaction
from engine.storage.sqlite.turnstile import Turn
from engine.storage.sqlite.writer import Writer

RESULTS, PIECES = 500, 16
"""Rows a step."""


class Maintenance:
    """Of one file. Who reads is asked whether there is anything to do for who writes."""

    def __init__(self, *, writer: Writer, reader: Reader, now: Callable[[], float], result_ttl_s: float | None) -> None:
        self._writer = writer
        self._reader = reader
        self._now = now
        self._result_ttl_s = result_ttl_s

    async def tidy(self, limit: int) -> int:
        """Up to `limit` rows of each kind; says how many of all."""
        gone = await self._prune(limit) + await self._sweep(limit)
        with suppress(StoreFullError):  # what was written stays in the log; retries and leases do not wait for room
            await self._move_on()
        return gone

    async def _move_on(self) -> None:
        log_bytes, empty_pages = await self._reader.run(_look)
        if empty_pages:
            await self._writer.cut(min(empty_pages, space.STEP_PAGES))
        if log_bytes > log.LONG_BYTES and await self._reader.run(log.checkpoint) > log_bytes:
            await self._writer.checkpoint()

    async def _sweep(self, limit: int) -> int:
        """Pieces and keys together, for mostly there are none."""
        step = min(limit, PIECES)
        act = partial(_swept, pieces=step, keys=limit)
        pieces, keys = await self._writer.run(Turn.MAINTENANCE, act)
        more = await self._in_steps(sweep, PIECES, limit - step) if pieces == step else 0
        return pieces + keys + more

    async def _prune(self, limit: int) -> int:
        if self._result_ttl_s is None:
            return 0
        oldest_at = await self._reader.run(oldest)
        if oldest_at is None or oldest_at > self._now() - self._result_ttl_s:
            return 0
        return await self._in_steps(partial(prune, kept_s=self._result_ttl_s), RESULTS, limit)

    async def _in_steps(self, act: Callable[..., int], step: int, limit: int) -> int:
        """Each a transaction of its own, while there is more to do."""
        done = found = asked = 0
        while found == asked and done < limit:
            asked = min(step, limit - done)
            found = await self._writer.run(Turn.MAINTENANCE, partial(act, limit=asked))
            done += found
        return done


def _swept(transaction: Transaction, *, pieces: int, keys: int) -> tuple[int, int]:
    return sweep(transaction, pieces), forget(transaction, keys)


def _look(connection: sqlite3.Connection) -> tuple[int, int]:
    """Moves what can be of the log; its length in bytes, and how many pages of the file are empty beyond need."""
    return log.checkpoint(connection), space.excess(connection)
