"""Fetches one leased job at a time and hands on what came of it; how many of a pool are awake is the concurrency.

A fetcher is inside the valve while it waits for a lease or fetches. Where more are inside than it lets in by now, the
next that is done leaves, and who has just got a lease leaves it to those who stay.

A lease that is no longer held is dropped before and during its fetch: it has been settled or taken by others. Suspects
have a fetcher of their own, so that those of them who wait keep no place from others. It fetches while no other fetch
is in hand, and that is noted and written down before: should the process die now, it was this one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from engine.errors import StoreDamagedError, TransientStoreError
from engine.jobs.command import BeginAlone, KeepChunk
from engine.jobs.errand import ERRAND, NOBODY, ids_of
from engine.jobs.holding import Holding
from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.jobs.outcome import Failure, Outcome, Page
from engine.jobs.ports import ROOM_PAUSE_S, Allowance, Fetch
from engine.jobs.verdict import Rules, Settlement, is_our_doing
from engine.memory.purse import Purse
from engine.runtime import Aborted, Actor, AskTimeout, Gate, Mailbox, MailboxClosed, Scope, Valve

Keep = Callable[[KeepChunk | BeginAlone], Awaitable[object]]


class Fetcher(Actor):
    """Ends when its inbox does. An errand: what it has in hand."""

    def __init__(  # noqa: PLR0913 - all that a fetch takes
        self,
        *,
        inbox: Mailbox[Lease],
        outbox: Mailbox[Settlement],
        ledger: Ledger,
        valve: Valve,
        gate: Gate,
        alone: bool = False,
        purse: Purse,
        fetch: Fetch,
        keep: Keep,
        give_back: Callable[[Lease], Awaitable[bool]],
        rules: Rules,
    ) -> None:
        """`give_back` has a job made again as if it had not been tried, or says that it is not.

        One that is `alone` fetches while no other fetch is in hand: it is for suspects.
        """
        self._inbox = inbox
        self._outbox = outbox
        self._ledger = ledger
        self._valve = valve
        self._gate = gate
        self._alone = alone
        self._purse = purse
        self._fetch = fetch
        self._keep = keep
        self._give_back = give_back
        self._rules = rules
        self._memory_s = 0.0
        self._scope = Scope()
        self._abort = self._scope.abort
        self.in_hand: Lease | None = None
        self.has_begun = False
        """Has the fetch of what is in hand begun?"""
        self.settlement: Settlement | None = None
        """What came of it, while there is no room for that."""

    def ids(self) -> Mapping[str, str]:
        lease = self.in_hand
        return NOBODY if lease is None else ids_of(job_id=lease.job_id, trace=lease.request.trace)

    async def run(self) -> None:
        ERRAND.set(self)
        while not self._inbox.is_drained:
            await self._valve.enter()
            try:
                await self._awake()
            finally:
                self._valve.leave()

    async def _awake(self) -> None:
        """Until the valve is too narrow, or nothing more will come."""
        while not self._valve.is_crowded:
            try:
                lease = await self._inbox.get()
            except MailboxClosed:
                return
            if self._valve.is_crowded:  # it was narrowed meanwhile: others are awake and take it
                self._inbox.put_back(lease)
                continue
            holding = self._ledger.held(lease)
            if holding is not None:
                await self._fetch_it(holding)

    async def _fetch_it(self, holding: Holding) -> None:
        """What comes to nothing, somebody else has settled, or will."""
        lease = self.in_hand = holding.lease
        began_at = self._rules.now()
        self._memory_s = 0.0
        holding.abort = self._abort
        try:
            with self._scope:
                outcome = await self._attempt(holding)
        except (Aborted, StoreDamagedError):
            self._ledger.leave(lease)
        else:
            if isinstance(outcome, Page) or not await self._returned(lease, outcome):
                settlement = self._rules.settle(lease, outcome, began_at=began_at, memory_s=self._memory_s)
                if not self._outbox.offer(settlement):
                    self.settlement = settlement
                    await self._outbox.put(settlement)
                    self.settlement = None
        finally:
            holding.abort = None
        self.in_hand = None
        self.has_begun = False

    async def _attempt(self, holding: Holding) -> Outcome:
        lease = holding.lease
        alone = self._alone
        if alone or not self._gate.offer():
            await self._wait_at_gate(alone=alone)
        try:
            credit = self._purse.offer(holding) or await self._wait_for_memory(holding)
            if alone:
                await _kept(self._keep, BeginAlone(job_id=lease.job_id, fence=lease.fence))
            timeout_s, sink = self._rules.timeout_s(lease), ChunkSink(lease, self._keep)
            holding.place = self._ledger.begin(lease, alone=alone)
            self.has_begun = True
            try:
                outcome = await self._fetch(lease.request, timeout_s=timeout_s, sink=sink, credit=credit)
            finally:
                self._ledger.end(holding)
            self._purse.settle(holding, outcome)
            return outcome
        finally:
            self._gate.leave()

    async def _wait_at_gate(self, *, alone: bool) -> None:
        await self._gate.enter(alone=alone)
        if self._inbox.is_closed:
            self._gate.leave()
            raise _left_to_the_next()

    async def _wait_for_memory(self, holding: Holding) -> Allowance:
        since = self._rules.now()
        allowance = await self._purse.take(holding)
        self._memory_s = self._rules.now() - since
        if self._inbox.is_closed:
            raise _left_to_the_next()
        return allowance

    async def _returned(self, lease: Lease, failure: Failure) -> bool:
        return is_our_doing(lease, failure) and await self._give_back(lease)


def _left_to_the_next() -> Aborted:
    return Aborted("what has not begun when a drain does is left to the next process")


class ChunkSink:
    """Keeps the pieces of one fetch's large body under its fence."""

    __slots__ = ("_keep", "_lease", "_seq")

    def __init__(self, lease: Lease, keep: Keep) -> None:
        self._lease = lease
        self._keep = keep
        self._seq = 0

    async def __call__(self, data: bytes) -> None:
        chunk = KeepChunk(job_id=self._lease.job_id, fence=self._lease.fence, seq=self._seq, data=data)
        self._seq += 1
        await _kept(self._keep, chunk)


async def _kept(keep: Keep, command: KeepChunk | BeginAlone) -> None:
    """Waits for what passes, and asks again where no answer came: to be kept twice changes nothing."""
    while True:
        try:
            await keep(command)
        except (TransientStoreError, AskTimeout):
            await asyncio.sleep(ROOM_PAUSE_S)
        else:
            return
