"""Moves on what nobody else would: jobs whose time has come, leases that ended, what the dead had, rows left over.

Each act is a bounded statement, repeated at once only while it finds a full measure of work.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from engine.errors import StoreDamagedError, TransientStoreError
from engine.jobs.ledger import Ledger
from engine.jobs.pace import EAGER, Pace
from engine.jobs.ports import Heir, JobStore
from engine.runtime import Actor, ticks

PERIOD_S = 0.5
LIMIT = 1000
"""Rows a statement."""


class Rescuer(Actor):
    """Runs twice a second, so that a retry is at most half a second late."""

    def __init__(self, *, store: JobStore, ledger: Ledger, pace: Pace = EAGER, heir: Heir | None = None) -> None:
        """`heir` is None where no other process shares the store."""
        self._store = store
        self._ledger = ledger
        self._pace = pace
        self._heir = heir

    async def run(self) -> None:
        period = 0
        async for _ in ticks(PERIOD_S):
            await self._move_on(period)
            while period % self._pace.tidy == 0 and await self._store.tidy(LIMIT) >= LIMIT:
                await self._move_on(period)
            period += 1

    async def _move_on(self, period: int) -> None:
        """What jobs wait for; between any two measures of tidying, too."""
        if self._heir is not None:
            with suppress(TransientStoreError, StoreDamagedError):  # which the store tells as well
                await self._heir.take_over()
        if self._store.has_due() or period % self._pace.promote == 0:
            await self._while_full(self._store.promote)
        if period % self._pace.rescue == 0:
            await self._while_full(self._rescue)

    async def _rescue(self, limit: int) -> int:
        return await self._store.rescue(limit, keeping=tuple(self._ledger))

    async def _while_full(self, act: Callable[[int], Awaitable[int]]) -> None:
        while await act(LIMIT) == LIMIT:
            pass
