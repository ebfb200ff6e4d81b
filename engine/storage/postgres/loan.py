"""A connection of a pool's, for as long as somebody needs it."""

from sys import _getframe
from typing import Protocol

import asyncpg

from engine.storage.postgres.link import Link


class Lender(Protocol):
    """What a loan needs of the pool."""

    def at_hand(self) -> Link | None:
        """One that is known to be sound and waits for a user; None if there is none, or others wait for one."""

    async def take(self) -> Link: ...
    def put_back(self, link: Link) -> None:
        """One that is open, and in the middle of nothing."""

    async def give_back(self, link: Link) -> None:
        """One that may be closed, or that its user has left in the middle of something."""


class Loan:
    """A connection, for as long as its user is inside."""

    __slots__ = ("_link", "_pool")

    def __init__(self, pool: Lender) -> None:
        self._pool = pool
        self._link: Link | None = None

    async def __aenter__(self) -> asyncpg.Connection:
        self._link = link = self._pool.at_hand() or await self._pool.take()
        link.taken_by(_getframe(1))
        return link.connection

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        if (link := self._link) is None:
            return
        connection = link.connection
        if error is not None or connection.is_closed() or connection.is_in_transaction():
            await self._pool.give_back(link)
        else:
            self._pool.put_back(link)
