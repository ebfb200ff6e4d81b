"""Those who write: one transaction a call, on any connection of the pool.

What the server could not do just then - a deadlock, a lost connection - is done again from its beginning: each act may
be, for what was committed before is recognised by ids and fences.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import TypeVar

from asyncpg import Connection, Record

from engine.storage.postgres.cancels import stop
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.front import Front
from engine.storage.postgres.pool import Pool
from engine.storage.postgres.retry import retried
from engine.storage.postgres.transaction import Transaction

T = TypeVar("T")
Act = Callable[[Transaction], Awaitable[T]]
NUMBER = "SELECT txid_current()"
STANDING = """
    SELECT CASE WHEN $1::bigint < txid_snapshot_xmax(txid_current_snapshot()) THEN txid_status($1::bigint) END
"""
"""Null as well for a number that was never given out: after a crash or a failover the server may not know it."""


class Writer:
    """`committed` is told after each commit; `draw` gives the jitter of what is done again.

    A commit whose answer was lost on the way is told by the next transaction, which finds nothing more to do. Asked
    about are only those that ended jobs without an outcome: what they ended is counted by nobody else.
    """

    def __init__(
        self,
        *,
        pool: Pool,
        clock: ServerClock,
        front: Front,
        committed: Callable[[Transaction], object],
        draw: Callable[[], float],
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._front = front
        self._committed = committed
        self._draw = draw
        self._unanswered: dict[int, Transaction] = {}
        """By their numbers on the server; at most one a connection of the pool."""

    async def run(self, act: Act[T], *, looks: bool = True) -> T:
        """What the act returns, once it is committed; nothing is written if it raises.

        `looks`: is the server asked for its time first, however fresh the last look is? Leases and what is due need
        that, or ask for it themselves.
        """
        return await retried(self._transact, act, looks, count(), draw=self._draw, clock=self._clock.monotonic)

    async def _transact(self, act: Act[T], looks: bool, tries: Iterator[int]) -> T:  # noqa: FBT001 - its only caller's
        is_again = next(tries) > 0
        async with self._pool.connection() as connection:
            await connection.execute(self._pool.opening)
            await self._make_sure(connection)
            transaction = Transaction(connection, self._clock, self._front, is_again=is_again)
            if looks or self._clock.is_old:
                await transaction.look()
            answer = await act(transaction)
            await transaction.fold()
            await stop(transaction)
            await self._commit(connection, transaction)
        self._committed(transaction)
        return answer

    async def _commit(self, connection: "Connection[Record]", transaction: Transaction) -> None:
        with ExitStack() as unless_answered:
            if transaction.ends:
                number = await connection.fetchval(NUMBER)
                unless_answered.callback(self._unanswered.__setitem__, number, transaction)
            await connection.execute("COMMIT")
            unless_answered.pop_all()

    async def _make_sure(self, connection: "Connection[Record]") -> None:
        for number in tuple(self._unanswered):
            standing = await connection.fetchval(STANDING, number)
            if standing == "in progress":
                continue
            transaction = self._unanswered.pop(number, None)
            if standing == "committed" and transaction is not None:
                self._committed(transaction)
