"""The system with mailboxes so small that they are full now and then, and what must hold of it at any moment."""

from collections.abc import Iterator
from typing import Any

from actors.system import COMMIT_TIMEOUT_S, System
from engine.jobs.command import Command
from engine.jobs.lease import Lease
from engine.jobs.ports import Answer
from engine.jobs.verdict import Settlement
from engine.runtime import Ask, Asker, Mailbox, Observer
from tests.simulation.story import Size


class SmallSystem(System):
    """`mailbox` makes its mailboxes."""

    mailbox: type[Mailbox[Any]] = Mailbox

    def __init__(self, *, size: Size, instruments: Any, **others: Any) -> None:
        super().__init__(instruments=instruments, **others)
        self.size = size
        observer: Observer = instruments
        places = size.capacity
        ahead = max(places, 2)
        self.commands: Mailbox[Ask[Command, Answer]] = self.mailbox("commands", capacity=places, observer=observer)
        self._asker = Asker(self.commands, timeout_s=COMMIT_TIMEOUT_S)
        self.leases: Mailbox[Lease] = self.mailbox("leases", capacity=ahead, observer=observer)
        self.suspects: Mailbox[Lease] = self.mailbox("suspects", capacity=places, observer=observer)
        self.outcomes: Mailbox[Settlement] = self.mailbox(
            "outcomes",
            capacity=places,
            capacity_bytes=size.capacity_bytes,
            weigh=lambda settlement: settlement.outcome.weight,
            observer=observer,
        )

    @property
    def _boxes(self) -> tuple[Mailbox[Any], ...]:
        return (self.commands, self.leases, self.suspects, self.outcomes)

    def overfull(self) -> Iterator[str]:
        """Bounds that are not kept. Each fetcher may have put back a lease that it got and had no width for."""
        for box in self._boxes:
            put_back = self.size.concurrency if box is self.leases else 0
            if box.depth > box.capacity + put_back:
                yield f"{box.depth} messages in {box.name}"
        held, most = self.credits.held_bytes, self.credits.total_bytes
        finisher = self.credits._finisher
        if held - (finisher.held if finisher else 0) > most:
            yield f"{held} bytes of memory are held, of {most}"
        if self.outcomes.weight > self.size.capacity_bytes and self.outcomes.depth > 1:
            yield f"{self.outcomes.weight} bytes in outcomes"

    def not_given_back(self) -> Iterator[str]:
        """Places that are taken in mailboxes out of which nothing will come any more."""
        for box in self._boxes:
            if box.is_drained and box._room._taken:
                yield f"{box._room._taken} places of {box.name} are taken by nobody"
        if self.credits.held_bytes and not len(self.ledger) and not any(hand.outcomes for hand in self._hands):
            yield f"{self.credits.held_bytes} bytes of memory are held by nobody"

    def in_hand(self) -> Iterator[str]:
        """What somebody has and has not given back yet."""
        if len(self.ledger):
            yield f"leases of {[lease.job_id for lease in self.ledger]}"
        if self.credits.held_bytes or self.credits.waiting:
            yield f"{self.credits.held_bytes} bytes of memory, {self.credits.waiting} waiting"
        for box in self._boxes:
            taken = box._room._taken
            if taken or box._room.weight:
                yield f"{taken} places of {box.name}, {box.depth} of them with a message"
