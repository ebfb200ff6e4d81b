"""The leases this process holds, from claim to settle, time in mailboxes included.

An entry belongs to whoever has the message in hand and moves with it; when all is settled or given back, it is empty.
"""

from collections.abc import Callable, Iterable, Iterator

from engine.jobs.lease import Lease


class Ledger:
    """Who renews reads it; who fetches can be told through it that its lease is gone."""

    def __init__(self) -> None:
        self._held: dict[str, Lease] = {}
        self._adrift: dict[str, Lease] = {}
        self._aborts: dict[str, tuple[int, Callable[[str], None]]] = {}

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
                self._adrift.pop(lease.job_id, None)

    def cast_off(self, lease: Lease) -> None:
        """Its fetch was lost: nobody renews it, and until it leaves nobody gives it back as if it had not begun.

        If the store does not take it back, it runs out and is rescued as what it is, lost.
        """
        if self.holds(lease):
            del self._held[lease.job_id]
        self._adrift[lease.job_id] = lease

    @property
    def adrift(self) -> tuple[Lease, ...]:
        """What was cast off and has not left."""
        return tuple(self._adrift.values())

    def leave(self, lease: Lease) -> None:
        """It was settled, refused or given back. A later claim of the same job stays."""
        held = self._held.get(lease.job_id)
        if held is not None and held.fence == lease.fence:
            del self._held[lease.job_id]
        if self._adrift:
            self._adrift.pop(lease.job_id, None)

    def holds(self, lease: Lease) -> bool:
        held = self._held.get(lease.job_id)
        return held is not None and held.fence == lease.fence

    def watch(self, lease: Lease, abort: Callable[[str], None]) -> None:
        """While the job is fetched: `abort(reason)` ends the fetch."""
        self._aborts[lease.job_id] = (lease.fence, abort)

    def unwatch(self, lease: Lease) -> None:
        fence, _ = self._aborts.get(lease.job_id, (None, None))
        if fence == lease.fence:
            del self._aborts[lease.job_id]

    def abort(self, job_id: str, reason: str) -> bool:
        """The job is no longer ours: its lease leaves, and its fetch ends, if one is running here."""
        self._held.pop(job_id, None)
        _, abort = self._aborts.get(job_id, (0, None))
        if abort is None:
            return False
        abort(reason)
        return True
