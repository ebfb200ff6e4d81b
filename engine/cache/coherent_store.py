"""The JobStore port for who keeps answers: what is written is told before anybody is answered who waits for it."""

from collections.abc import Awaitable, Callable, Sequence

from engine.jobs.command import Command
from engine.jobs.ports import Answer, JobStore
from engine.jobs.query import Settled
from engine.jobs.verdict import Settlement


class CoherentStore:
    """Stands before any store and changes nothing. Of a commit that failed it is not known whether it was kept."""

    def __init__(
        self,
        *,
        store: JobStore,
        written: Callable[[Sequence[Command]], Awaitable[None]],
        settled: Callable[[Sequence[Settlement], Sequence[Settled]], None],
    ) -> None:
        self._commit = store.commit
        self._settle = store.settle
        self._written = written
        self._settled = settled
        self.claim = store.claim
        self.renew = store.renew
        self.give_back = store.give_back
        self.put_off = store.put_off
        self.release = store.release
        self.rescue = store.rescue
        self.promote = store.promote
        self.tidy = store.tidy
        self.get = store.get
        self.result = store.result
        self.explain = store.explain
        self.find = store.find
        self.queue = store.queue
        self.backlog = store.backlog
        self.counts = store.counts
        self.stats = store.stats
        self.batch = store.batch
        self.has_due = store.has_due
        self.wait_for_work = store.wait_for_work
        self.wait_until_final = store.wait_until_final
        self.body = store.body
        self.close = store.close

    async def commit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        try:
            return await self._commit(commands)
        finally:
            await self._written(commands)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Settled]:
        ends = await self._settle(settlements)
        self._settled(settlements, ends)
        return ends
