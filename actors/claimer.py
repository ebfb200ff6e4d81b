"""Takes due jobs from the store for the fetchers.

It claims what they ask for, and ahead of that what they ask for in about one second, so that a death gives back little,
priorities keep their meaning, and no job waits long behind one process while another has room. At first, and after the
store was empty, nothing is claimed ahead; how fast they come back for more shows within a claim or two. What is ahead
is made good when half of it is taken, so that a claim is a statement for many jobs. Suspects, which are fetched one
after the other, go a way of their own and take no room from others. Few wait there, for who waits is in flight and
counts in its batch: those for whom there is no place are put off, and may come to another process meanwhile.
"""

import asyncio
from collections import deque
from math import ceil

from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.jobs.losses import STEP_S
from engine.jobs.ports import JobStore
from engine.runtime import Actor, Demand, Mailbox, Pressure

AHEAD_S = 1.0


class Claimer(Actor):
    """Never keeps more than the fetchers have room for, and takes nothing while claiming is paused."""

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
        self._idle_s = idle_s
        self._demand = Demand()
        self._ahead = 0
        self._handed_on = 0
        self._line_ends_at = 0.0
        self.in_hand: deque[Lease] = deque()

    async def run(self) -> None:
        while True:
            room = await self._room()
            leases = await self._store.claim(room, owner=self._owner, lease_s=self._lease_s)
            self._ledger.enter(leases)
            self.in_hand.extend(leases)
            await self._hand_on()
            if self.in_hand:
                await self._put_off()
            if not leases:
                await self._store.wait_for_work(self._idle_s)
                self._demand, self._ahead = Demand(), 0

    async def _room(self) -> int:
        """Wait until half of what was ahead is taken, or somebody asks where nothing was; how many to claim then."""
        while True:
            await self._outbox.fallen_to((self._ahead - 1) // 2)
            await self._pressure.eased()
            asked, now = self._handed_on - self._outbox.surplus, asyncio.get_running_loop().time()
            rate = max(self._demand.per_second(asked, now), 0.0)
            self._ahead = min(int(rate * AHEAD_S), self._outbox.capacity // 2)
            room = self._ahead - self._outbox.surplus
            if room > self._ahead // 2:
                return room

    async def _hand_on(self) -> None:
        """What is left in hand are suspects for whom there is no place."""
        for _ in range(len(self.in_hand)):
            lease = self.in_hand[0]
            is_suspect = lease.is_suspect
            outbox = self._suspects if is_suspect else self._outbox
            if not outbox.offer(lease):
                if is_suspect:
                    self.in_hand.rotate(-1)
                    continue
                await outbox.put(lease)
            self.in_hand.popleft()
            self._handed_on += not is_suspect

    async def _put_off(self) -> None:
        """Behind all that were put off here before: however many there are, few come back at a time."""
        suspects, now = tuple(self.in_hand), asyncio.get_running_loop().time()
        before = ceil(max(self._line_ends_at - now, 0.0) / STEP_S)
        self._line_ends_at = now + (before + len(suspects)) * STEP_S
        await self._store.put_off(suspects, before=before)
        self.in_hand.clear()
        for lease in suspects:
            self._ledger.leave(lease)
