"""The database that is moved into: nobody's until all is there."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from engine.errors import StoreError
from engine.storage.move.comparison import JOBS_BY_STATUS, STANDING
from engine.storage.move.forms import LAST, ROWS, Form
from engine.storage.postgres.faults import TRANSLATED
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.session import NAME, connected

LIMITS = PoolLimits(size=1, overflow=0, statement_s=600.0, lock_s=10.0, idle_in_transaction_s=600.0)
MOVER = "SET application_name = 'cfscraper move'; SET enable_seqscan = on"
ONE_AT_A_TIME = "SELECT pg_advisory_lock(7266512302)"
OTHERS = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1)"
IS_DONE = "SELECT EXISTS (SELECT 1 FROM counts)"
NOBODY_ELSE = "LOCK TABLE jobs, counts, daily, lanes IN EXCLUSIVE MODE"
IN_USE = "somebody is at work in the database that is moved into: stop it, and move into an empty one"
PREFETCH = 10_000

Row = Sequence[Any]


class Target:
    """Each `put` is a transaction: the greatest key that is there tells where to go on."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def is_done(self) -> bool:
        """Whether it has figures: whoever works in a store has some."""
        return bool(await self._connection.fetchval(IS_DONE))

    async def last(self, form: Form) -> Row | None:
        """The greatest key of the table."""
        found = await self._connection.fetchrow(form.last)
        return None if found is None else tuple(found)

    async def count(self, form: Form) -> int:
        return int(await self._connection.fetchval(form.number))

    async def put(self, form: Form, rows: Sequence[Row]) -> None:
        await self._connection.copy_records_to_table(form.name, records=rows, columns=form.columns)

    async def finish(self, figures: Iterable[tuple[Form, Sequence[Row]]]) -> None:
        """Raises StoreError if somebody worked in it meanwhile."""
        async with self._connection.transaction():
            await self._connection.execute(NOBODY_ELSE)
            if await self.is_done():
                raise StoreError(IN_USE)
            for form, rows in figures:
                await self.put(form, rows)
        await self._connection.execute("ANALYZE")

    async def difference(self, theirs: Iterator[Row]) -> str | None:
        """The first of its jobs that the source, in the order of the ids, has not there and as it is."""
        async with self._connection.transaction(readonly=True):
            async for ours in self._connection.cursor(STANDING, prefetch=PREFETCH):
                if tuple(ours) != next(theirs, None):
                    return str(ours["id"])
        return None

    async def counts(self) -> Mapping[str, int]:
        numbers = {form.name: await self.count(form) for form in (*ROWS, *LAST)}
        statuses = await self._connection.fetch(JOBS_BY_STATUS)
        return numbers | {f"{status} jobs": number for status, number in statuses}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Target]:
    """Waits for another who moves into it for some seconds. Raises StoreError."""
    with TRANSLATED:
        connection = await connected(url, LIMITS)
        try:
            await connection.execute(MOVER)
            await connection.execute(ONE_AT_A_TIME)
            if await connection.fetchval(OTHERS, NAME):
                raise StoreError(IN_USE)
            yield Target(connection)
        finally:
            await connection.close(timeout=LIMITS.connect_s)
