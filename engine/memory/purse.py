"""Pays for fetches: each begins with the memory that those like it took, and keeps what its outcome weighs."""

from engine.jobs.footprint import SETTLEMENT_BYTES
from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.jobs.outcome import Outcome, Page
from engine.jobs.ports import Allowance
from engine.jobs.request import Request
from engine.memory.estimates import Estimates
from engine.runtime import Credits


class Purse:
    """What it gave is in the ledger until the lease leaves."""

    def __init__(self, *, credits: Credits, ledger: Ledger, estimates: Estimates) -> None:  # noqa: A002 - their name
        self._credits = credits
        self._ledger = ledger
        self._estimates = estimates

    def offer(self, lease: Lease) -> Allowance | None:
        """None where a fetch would have to wait."""
        allowance = self._credits.offer(self._estimates.of(lease.request))
        if allowance is not None:
            self._ledger.allow(lease, allowance)
        return allowance

    async def take(self, lease: Lease) -> Allowance:
        """Hosts come in turn."""
        request = lease.request
        allowance = await self._credits.take(self._estimates.of(request), lane=request.host)
        self._ledger.allow(lease, allowance)
        return allowance

    def settle(self, request: Request, outcome: Outcome, allowance: Allowance) -> None:
        """The fetch that was allowed this is over; its outcome is on its way."""
        allowance.shrink(outcome.weight + SETTLEMENT_BYTES)
        if isinstance(outcome, Page):
            self._estimates.learn(request, outcome)
