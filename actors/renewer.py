"""Keeps the leases of this process alive: the whole ledger in one statement, each third of the lease."""

from engine.jobs.ledger import Ledger
from engine.jobs.ports import JobStore
from engine.runtime import Actor, ticks


class Renewer(Actor):
    """A fetch whose lease could not be renewed is aborted: the job is somebody else's, or cancelled."""

    def __init__(self, *, store: JobStore, ledger: Ledger, lease_s: float) -> None:
        self._store = store
        self._ledger = ledger
        self._lease_s = lease_s

    async def run(self) -> None:
        async for _ in ticks(self._lease_s / 3):
            await self._renew()

    async def _renew(self) -> None:
        held = tuple(self._ledger)
        if not held:
            return
        for lost in await self._store.renew(held, lease_s=self._lease_s):
            if self._ledger.holds(lost):
                self._ledger.abort(lost.job_id, "the lease is lost")
