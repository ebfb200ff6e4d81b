"""Who writes next, when several want to: by class, and within a class in the order of asking."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from heapq import heappop, heappush


class Turn(IntEnum):
    """The lowest goes first: leases must not end while somebody waits to submit."""

    RENEW = 0
    SETTLE = 1
    COMMAND = 2
    CLAIM = 3
    MAINTENANCE = 4


class Turnstile:
    """Lets one in at a time. Who is cancelled while waiting leaves no gap."""

    def __init__(self) -> None:
        self._is_taken = False
        self._asked = 0
        self._waiting: list[tuple[Turn, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def taken(self, turn: Turn) -> AsyncIterator[None]:
        await self._enter(turn)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, turn: Turn) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked += 1
        heappush(self._waiting, (turn, self._asked, gate))
        try:
            await gate
        except asyncio.CancelledError:
            if not gate.cancelled():  # it was let in just then
                self._leave()
            raise

    def _leave(self) -> None:
        while self._waiting:
            *_, gate = heappop(self._waiting)
            if not gate.done():
                gate.set_result(None)
                return
        self._is_taken = False
