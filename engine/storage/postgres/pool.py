"""A pool of connections to the server: some are kept, more are opened under a burst and closed after it."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import asyncpg

from engine.errors import StoreBusyError, StoreError
from engine.runtime import Deadline, DeadlineExpired
from engine.storage.postgres.faults import TRANSLATED
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.line import Line
from engine.storage.postgres.link import Link
from engine.storage.postgres.loan import Loan
from engine.storage.postgres.session import connected, opening
from engine.storage.postgres.watch import Leak, PoolWatch, Unwatching

PING_AFTER_S = 1.0
"""One that was used a shorter time ago is not asked whether it still answers."""
ANSWERS_WITHIN_S = 2.0
"""How long we wait for a statement that does nothing, and for a cancelled one to end."""
CLOSES_WITHIN_S = 2.0
FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
LOOKS_EVERY_S = 1.0
UNWATCHING = Unwatching()


class Pool:
    """Whoever waits is served in the order of asking. The one used last is lent first, so that spare ones stay idle."""

    def __init__(self, url: str, *, limits: PoolLimits, clock: Callable[[], float], watch: PoolWatch) -> None:
        self._url = url
        self._limits = limits
        self._clock = clock
        self.watch = watch
        self._line = Line(limits.places)
        self._idle: deque[Link] = deque()
        """The one that was idle for longest first."""
        self._held: set[Link] = set()
        self._is_closed = False
        self._next_look: asyncio.TimerHandle | None = None
        self.opening = opening(limits)
        """The SQL that begins a transaction."""
        self.is_pooled = limits.is_pooled

    @classmethod
    async def open(
        cls, url: str, *, limits: PoolLimits, clock: Callable[[], float], watch: PoolWatch = UNWATCHING
    ) -> "Pool":
        """With one connection open. StoreError where there can be none. `clock` gives seconds since any moment."""
        pool = cls(url, limits=limits, clock=clock, watch=watch)
        async with pool.connection():
            pass
        watch.watches(pool)
        pool._look()
        return pool

    def connection(self) -> Loan:
        """Lent for one statement or one transaction; one that is left open is rolled back.

        StoreBusyError when none is free in time, another StoreError when none can be opened; what the driver raises
        inside passes as it is. A statement whose user is cancelled is cancelled on the server.
        """
        return Loan(self)

    async def close(self) -> None:
        """Whoever still holds one or waits for one gets a StoreError."""
        self._is_closed = True
        self.watch.unwatches(self)
        if self._next_look is not None:
            self._next_look.cancel()
        self._line.refuse_all(_closed)
        for link in tuple(self._held):
            self._seize(link)
        with suppress(DeadlineExpired, *FAULTS), Deadline(CLOSES_WITHIN_S):
            for link in tuple(self._idle):  # one that is lost meanwhile leaves them
                await link.connection.close()
        while self._idle:
            self._end(self._idle.pop())

    @property
    def size(self) -> int:
        return self._limits.places

    @property
    def checked_out(self) -> int:
        return len(self._held)

    @property
    def idle(self) -> int:
        return len(self._idle)

    def at_hand(self) -> Link | None:
        now = self._clock()
        if not self._idle or self._idle[-1].idle_since <= now - PING_AFTER_S or not self._line.offer():
            return None
        return self._lent(self._idle.pop(), now)

    async def take(self) -> Link:
        if self._is_closed:
            raise _closed()
        if not self._line.offer():
            await self._stand_in_line()
        link: Link | None = None
        try:
            link = await self._sound()
        finally:
            if link is None:
                self._line.leave()
        return self._lent(link, self._clock())

    async def _stand_in_line(self) -> None:
        since = self._clock()
        await self._line.enter(within_s=self._limits.timeout_s, or_else=self._timed_out)
        self.watch.waited(self._clock() - since)

    async def give_back(self, link: Link) -> None:
        try:
            if not link.connection.is_closed():
                await self._clean(link)
        finally:  # its user may be cancelled once more while it is cleaned
            self.put_back(link, is_open=not link.connection.is_closed())

    def put_back(self, link: Link, *, is_open: bool = True) -> None:
        if link not in self._held:  # it was seized, and its place is another's
            return
        self._held.remove(link)
        now = self._clock()
        link.left(now)
        if not is_open:
            self._broke(link)
        elif now - link.opened_at > self._limits.recycle_s:
            self._end(link)
        else:
            self._idle.append(link)
        self._line.leave()

    def _lent(self, link: Link, now: float) -> Link:
        link.taken_at = now
        link.is_told = False
        self._held.add(link)
        return link

    async def _sound(self) -> Link:
        fresh_since = self._clock() - PING_AFTER_S
        while self._idle:
            link = self._idle.pop()
            if link.connection.is_closed():
                self._broke(link)
            elif link.idle_since > fresh_since or not self._limits.pre_ping or await self._answers(link):
                return link
        return await self._opened()

    async def _opened(self) -> Link:
        connection: asyncpg.Connection | None = None
        try:
            with TRANSLATED:
                connection = await connected(self._url, self._limits)
        finally:
            if connection is None:
                self.watch.failed()
        self.watch.opened()
        link = Link(connection, now=self._clock())
        if self._is_closed:
            self._end(link)
            raise _closed()
        return link

    async def _answers(self, link: Link) -> bool:
        """Where one does not, none is trusted that was idle for as long."""
        await self._clean(link)
        if not link.connection.is_closed():
            return True
        self._broke(link)
        while self._idle and self._idle[0].idle_since <= link.idle_since:
            self._broke(self._idle.popleft())
        return False

    async def _clean(self, link: Link) -> None:
        """Waits for a cancelled statement to end and rolls back what is open; what does not answer is closed."""
        connection, is_clean = link.connection, False
        try:
            with suppress(*FAULTS):
                await _quiet(connection)
                if connection.is_in_transaction():
                    await connection.execute("ROLLBACK", timeout=ANSWERS_WITHIN_S)
                is_clean = True
        finally:
            if not is_clean:
                connection.terminate()

    def _look(self) -> None:
        """Closes what is idle and old, dead or spare, and looks after those who do not give back."""
        self._next_look = asyncio.get_running_loop().call_later(LOOKS_EVERY_S, self._look)
        now = self._clock()
        self._tidy(now)
        for link in tuple(self._held):
            self._look_after(link, now - link.taken_at)

    def _tidy(self, now: float) -> None:
        for link in tuple(self._idle):
            if link.connection.is_closed():
                self._idle.remove(link)
                self._broke(link)
            elif now - link.opened_at > self._limits.recycle_s:
                self._idle.remove(link)
                self._end(link)
        spare = len(self._idle) + len(self._held) - self._limits.size
        while self._idle and spare > 0 and now - self._idle[0].idle_since > self._limits.spare_s:
            self._end(self._idle.popleft())
            spare -= 1

    def _look_after(self, link: Link, held_s: float) -> None:
        if held_s > self._limits.leak_s and not link.is_told:
            link.is_told = True
            self.watch.leaked(Leak(held_s=held_s, stack=link.stack))
        if held_s > self._limits.seize_s:
            self._seize(link)

    def _seize(self, link: Link) -> None:
        self._held.remove(link)
        self._end(link)
        self._line.leave()

    def _broke(self, link: Link) -> None:
        self.watch.failed()
        self._end(link)

    def _end(self, link: Link) -> None:
        link.connection.terminate()
        self.watch.closed()

    def _timed_out(self) -> StoreBusyError:
        self.watch.timed_out()
        return StoreBusyError()


async def _quiet(connection: asyncpg.Connection) -> None:
    """Once it answers: only then is it known whether what was cancelled has begun a transaction."""
    with suppress(asyncpg.InFailedSQLTransactionError):
        await connection.execute("SELECT 1", timeout=ANSWERS_WITHIN_S)


def _closed() -> StoreError:
    return StoreError("the pool of connections is closed")
