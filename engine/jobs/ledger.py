"""The leases this process holds, from claim to settle, time in mailboxes included.

An entry belongs to whoever has the message in hand and moves with it; when all is settled or given back, it is empty.
So do the bytes that its fetch was allowed, which come back when it leaves.
Fetches in hand are noted in a journal as well, which a sudden death of the process leaves to the next one.
"""

from collections.abc import Callable, Iterable, Iterator

from engine.jobs.lease import Lease
from engine.jobs.ports import Allowance, Journal


class Unwritten:
    """The journal of a store that does not outlive its process."""

    def begin(self, lease: Lease, *, alone: bool) -> int:  # noqa: ARG002 - nothing is kept
        return 0

    def end(self, place: int) -> None:
        """Nothing was noted."""


class Ledger:
    """Who renews reads it; who fetches can be told through it that its lease is gone."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal or Unwritten()
        self._held: dict[str, Lease] = {}
        self._adrift: dict[str, Lease] = {}
        self._aborts: dict[str, tuple[int, Callable[[str], None]]] = {}
        self._sent: dict[tuple[str, int], int] = {}
        self._allowances: dict[tuple[str, int], Allowance] = {}
        self.begin = self._journal.begin
        """A fetch begins. The answer is for who says that it has ended."""

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Lease]:
        return iter(tuple(self._held.values()))

    def enter(self, leases: Iterable[Lease]) -> None:
        """A fetch of the same job under an older fence ends: its lease was lost, or there would be no new one."""
        for lease in leases:
            if lease.job_id in self._aborts:
                self.abort(lease.job_id, "the lease is lost")
            self._held[lease.job_id] = lease
            if self._adrift:
                self._ashore(lease.job_id)

    def cast_off(self, lease: Lease) -> None:
        """Its fetch was lost: nobody renews it, and until it leaves nobody gives it back as if it had not begun.

        If the store does not take it back, it runs out and is rescued as what it is, lost. Memory it holds none.
        """
        allowance = self._allowances.pop(lease.key, None)
        if allowance is not None:
            allowance.give_back()
        if self.holds(lease):
            del self._held[lease.job_id]
        self._adrift[lease.job_id] = lease

    @property
    def adrift(self) -> tuple[Lease, ...]:
        """What was cast off and has not left."""
        return tuple(self._adrift.values())

    def _ashore(self, job_id: str) -> None:
        lease = self._adrift.pop(job_id, None)
        if lease is not None:
            self._forget(lease)

    def leave(self, lease: Lease) -> None:
        """It was settled, refused or given back. A later claim of the same job stays."""
        held = self._held.get(lease.job_id)
        if held is not None and held.fence == lease.fence:
            del self._held[lease.job_id]
        allowance = self._allowances.pop((lease.job_id, lease.fence), None)
        if allowance is not None:
            allowance.give_back()
        if self._adrift:
            self._ashore(lease.job_id)
        if self._sent:
            self._forget(lease)

    def allow(self, lease: Lease, allowance: Allowance) -> None:
        """Its fetch may use that much memory; whoever aborts it, the memory is in use until it leaves."""
        self._allowances[lease.job_id, lease.fence] = allowance

    def holds(self, lease: Lease) -> bool:
        held = self._held.get(lease.job_id)
        return held is not None and held.fence == lease.fence

    def watch(self, lease: Lease, abort: Callable[[str], None]) -> None:
        """While the job is fetched: `abort(reason)` ends the fetch."""
        self._aborts[lease.job_id] = (lease.fence, abort)

    def unwatch(self, lease: Lease) -> None:
        """The fetch of a later claim goes on being watched."""
        watched = self._aborts.get(lease.job_id)
        if watched is not None and watched[0] == lease.fence:
            del self._aborts[lease.job_id]

    def abort(self, job_id: str, reason: str) -> bool:
        """The job is no longer ours: its lease leaves, and its fetch ends, if one is running here."""
        held = self._held.pop(job_id, None)
        if held is not None:
            self._forget(held)
        watched = self._aborts.get(job_id)
        if watched is None:
            return False
        watched[1](reason)
        return True

    def end(self, lease: Lease, place: int) -> None:
        """Its fetch has ended. What must not be sent again stays noted until it leaves."""
        if lease.request.may_repeat or not self.holds(lease):
            self._journal.end(place)
        else:
            self._sent[lease.key] = place

    def sent(self) -> list[Lease]:
        """What was fetched, is not settled, and must not be sent again."""
        return [lease for lease in self if lease.key in self._sent]

    def _forget(self, lease: Lease) -> None:
        place = self._sent.pop(lease.key, None)
        if place is not None:
            self._journal.end(place)
