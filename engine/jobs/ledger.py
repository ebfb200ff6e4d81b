"""The leases this process holds, from claim to settle, time in mailboxes included.

An entry belongs to whoever has the message in hand and moves with it; when all is settled or given back, it is empty.
So do the bytes that its fetch was allowed, which come back when it leaves.
Fetches in hand are noted in a journal as well, which a sudden death of the process leaves to the next one.
"""

from collections.abc import Iterable, Iterator

from engine.jobs.holding import Holding
from engine.jobs.lease import Lease
from engine.jobs.ports import Journal


class Unwritten:
    """The journal of a store that does not outlive its process."""

    def begin(self, lease: Lease, *, alone: bool) -> int:  # noqa: ARG002 - nothing is kept
        return 0

    def end(self, place: int) -> None:
        """Nothing was noted."""


class Ledger:
    """Who renews reads it; who fetches is told through it that its lease is gone."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal or Unwritten()
        self.begin = self._journal.begin
        """A fetch begins. The answer is its holding's place."""
        self._held: dict[str, Holding] = {}
        self._aside: dict[tuple[str, int], Holding] = {}
        """No longer ours, and still in somebody's hand here."""
        self._adrift: dict[str, Holding] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Lease]:
        return iter([holding.lease for holding in self._held.values()])

    def enter(self, leases: Iterable[Lease]) -> None:
        """A fetch of the same job under an older fence ends: its lease was lost, or there would be no new one."""
        for lease in leases:
            if lease.job_id in self._held:
                self.abort(lease.job_id, "the lease is lost")
            self._held[lease.job_id] = Holding(lease)
            if self._adrift:
                self._ashore(lease.job_id)

    def held(self, lease: Lease) -> Holding | None:
        """For who has it in hand; None if it is no longer held."""
        holding = self._held.get(lease.job_id)
        return holding if holding is not None and holding.lease.fence == lease.fence else None

    def holds(self, lease: Lease) -> bool:
        return self.held(lease) is not None

    def leave(self, lease: Lease) -> None:
        """It was settled, refused or given back. A later claim of the same job stays."""
        holding = self._taken(lease)
        if holding is not None:
            if holding.allowance is not None:
                holding.allowance.give_back()
            if holding.is_sent:
                self._forget(holding)
        if self._adrift:
            self._ashore(lease.job_id)

    def cast_off(self, lease: Lease) -> None:
        """Its fetch was lost: nobody renews it, and until it leaves nobody gives it back as if it had not begun.

        If the store does not take it back, it runs out and is rescued as what it is, lost. Memory it holds none. May be
        said again.
        """
        holding = self._taken(lease) or self._adrift.get(lease.job_id) or Holding(lease)
        if holding.allowance is not None:
            holding.allowance.give_back()
        holding.is_held = False
        self._adrift[lease.job_id] = holding

    @property
    def adrift(self) -> tuple[Lease, ...]:
        """What was cast off and has not left."""
        return tuple([holding.lease for holding in self._adrift.values()])

    def abort(self, job_id: str, reason: str) -> None:
        """The job is no longer ours: its lease leaves, and its fetch ends, if one is running here."""
        holding = self._held.pop(job_id, None)
        if holding is None:
            return
        holding.is_held = False
        if holding.is_sent:
            self._forget(holding)
        if holding.abort is not None or holding.allowance is not None:
            self._aside[holding.lease.key] = holding
        if holding.abort is not None:
            holding.abort(reason)

    def end(self, holding: Holding) -> None:
        """Its fetch has ended. What must not be sent again stays noted until it leaves."""
        if holding.is_held and not holding.lease.request.may_repeat:
            holding.is_sent = True
        else:
            self._journal.end(holding.place)

    def sent(self) -> list[Lease]:
        """What was fetched, is not settled, and must not be sent again."""
        return [holding.lease for holding in self._held.values() if holding.is_sent]

    def _taken(self, lease: Lease) -> Holding | None:
        holding = self._held.get(lease.job_id)
        if holding is None or holding.lease.fence != lease.fence:
            return self._aside.pop(lease.key, None) if self._aside else None
        del self._held[lease.job_id]
        holding.is_held = False
        return holding

    def _ashore(self, job_id: str) -> None:
        holding = self._adrift.pop(job_id, None)
        if holding is not None and holding.is_sent:
            self._forget(holding)

    def _forget(self, holding: Holding) -> None:
        holding.is_sent = False
        self._journal.end(holding.place)
