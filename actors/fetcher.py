"""Fetches one leased job at a time and hands on what came of it; a pool of these is the engine's concurrency.

A lease that is no longer held is dropped before and during its fetch: it has been settled or taken by others.
"""

from collections.abc import Awaitable, Callable

from engine.jobs.command import KeepChunk
from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.jobs.outcome import Outcome
from engine.jobs.ports import Fetch
from engine.jobs.verdict import Rules, Settlement
from engine.runtime import Aborted, Actor, Deadline, Mailbox


class Fetcher(Actor):
    """Ends when its inbox does."""

    def __init__(
        self,
        *,
        inbox: Mailbox[Lease],
        outbox: Mailbox[Settlement],
        ledger: Ledger,
        fetch: Fetch,
        keep: Callable[[KeepChunk], Awaitable[object]],
        rules: Rules,
    ) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._ledger = ledger
        self._fetch = fetch
        self._keep = keep
        self._rules = rules
        self.in_hand: Lease | None = None

    async def run(self) -> None:
        async for lease in self._inbox:
            if self._ledger.holds(lease):
                self.in_hand = lease
                began_at = self._rules.now()
                outcome = await self._attempt(lease)
                if outcome is not None:
                    await self._outbox.put(self._rules.settle(lease, outcome, began_at=began_at))
                self.in_hand = None

    async def _attempt(self, lease: Lease) -> Outcome | None:
        """None if it was aborted: somebody else has settled the job or will."""
        sink = ChunkSink(lease, self._keep)
        try:
            with Deadline(None) as scope:
                self._ledger.watch(lease, scope.abort)
                return await self._fetch(lease.request, timeout_s=self._rules.timeout_s(lease), sink=sink)
        except Aborted:
            self._ledger.leave(lease)
            return None
        finally:
            self._ledger.unwatch(lease)


class ChunkSink:
    """Keeps the pieces of one fetch's large body under its fence."""

    __slots__ = ("_keep", "_lease", "_seq")

    def __init__(self, lease: Lease, keep: Callable[[KeepChunk], Awaitable[object]]) -> None:
        self._lease = lease
        self._keep = keep
        self._seq = 0

    async def __call__(self, data: bytes) -> None:
        chunk = KeepChunk(job_id=self._lease.job_id, fence=self._lease.fence, seq=self._seq, data=data)
        self._seq += 1
        await self._keep(chunk)
