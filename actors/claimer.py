"""Takes due jobs from the store for the fetchers.

It claims ahead at most about one second of the measured rate, so that a death gives back little and priorities keep
their meaning, and by half of that at a time, so that a claim is a statement for many jobs. Suspects, which are fetched
one after the other, go a way of their own and take no room from others, until that way is full.
"""

from collections import deque
from collections.abc import Callable

from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.jobs.ports import JobStore
from engine.runtime import Actor, Mailbox, Pressure

LEAST_AHEAD = 16
"""Claimed ahead while no rate is measured yet."""


class Claimer(Actor):
    """Never takes more than the fetchers have room for, and nothing while claiming is paused."""

    def __init__(  # noqa: PLR0913 - ports, identity and durations
        self,
        *,
        store: JobStore,
        outbox: Mailbox[Lease],
        suspects: Mailbox[Lease],
        ledger: Ledger,
        pressure: Pressure,
        owner: str,
        lease_s: float,
        rate: Callable[[], float],
        idle_s: float,
    ) -> None:
        """An idle store is asked each `idle_s` although nobody told of work."""
        self._store = store
        self._outbox = outbox
        self._suspects = suspects
        self._ledger = ledger
        self._pressure = pressure
        self._owner = owner
        self._lease_s = lease_s
        self._rate = rate
        self._idle_s = idle_s
        self.in_hand: deque[Lease] = deque()

    async def run(self) -> None:
        while True:
            ahead = self._ahead()
            await self._outbox.fallen_to(ahead // 2)
            await self._pressure.eased()
            room = ahead + self._outbox.hungry - self._outbox.depth
            leases = await self._store.claim(room, owner=self._owner, lease_s=self._lease_s)
            self._ledger.enter(leases)
            self.in_hand.extend(leases)
            await self._hand_on()
            if not leases:
                await self._store.wait_for_work(self._idle_s)

    def _ahead(self) -> int:
        return min(max(int(self._rate()), LEAST_AHEAD), self._outbox.capacity // 2)

    async def _hand_on(self) -> None:
        while self.in_hand:
            lease = self.in_hand[0]
            outbox = self._suspects if lease.is_suspect else self._outbox
            if not outbox.offer(lease):
                await outbox.put(lease)
            self.in_hand.popleft()
