"""The store as the system sees it: what it answers is noted, and held against the file."""

from collections.abc import Sequence

from engine.jobs.lease import Lease
from engine.jobs.ports import JobStore
from engine.jobs.query import Settled
from engine.jobs.verdict import Retry, Settlement
from tests.simulation.books import Books


class WatchedStore:
    """Changes nothing."""

    def __init__(self, *, store: JobStore, books: Books) -> None:
        self._store = store
        self._books = books
        self.commit = store.commit
        self.renew = store.renew
        self.give_back = store.give_back
        self.put_off = store.put_off
        self.release = store.release
        self.rescue = store.rescue
        self.promote = store.promote
        self.has_due = store.has_due
        self.tidy = store.tidy
        self.wait_for_work = store.wait_for_work
        self.wait_until_final = store.wait_until_final
        self.get = store.get
        self.result = store.result
        self.body = store.body
        self.find = store.find
        self.batch = store.batch
        self.explain = store.explain
        self.queue = store.queue
        self.backlog = store.backlog
        self.counts = store.counts
        self.stats = store.stats
        self.close = store.close

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Settled]:
        ends = await self._store.settle(settlements)
        for settlement, end in zip(settlements, ends, strict=True):
            if end.accepted:
                is_final = not isinstance(settlement.verdict, Retry)
                self._books.accepted(*settlement.lease.key, is_final=is_final)
        return ends

    async def claim(self, room: int, *, owner: str, lease_s: float) -> Sequence[Lease]:
        leases = await self._store.claim(room, owner=owner, lease_s=lease_s)
        for lease in leases:
            self._books.leased(lease.job_id, lease.fence)
        return leases
