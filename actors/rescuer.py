"""Moves on what nobody else would: jobs whose time has come, leases that ended, rows that are left over.

Each act is a bounded statement, repeated at once only while it finds a full measure of work.
"""

from collections.abc import Awaitable, Callable

from engine.jobs.ledger import Ledger
from engine.jobs.ports import JobStore
from engine.runtime import Actor, ticks

PERIOD_S = 0.5
LIMIT = 1000
"""Rows a statement."""


class Rescuer(Actor):
    """Runs twice a second, so that a retry is at most half a second late."""

    def __init__(self, *, store: JobStore, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger

    async def run(self) -> None:
        async for _ in ticks(PERIOD_S):
            await self._while_full(self._store.promote)
            await self._while_full(self._rescue)
            await self._store.tidy(LIMIT)

    async def _rescue(self, limit: int) -> int:
        return await self._store.rescue(limit, keeping=tuple(self._ledger))

    async def _while_full(self, act: Callable[[int], Awaitable[int]]) -> None:
        while await act(LIMIT) == LIMIT:
            pass
