"""Pays for fetches: each begins with the memory that those like it took, and keeps what its outcome weighs."""

from engine.jobs.footprint import SETTLEMENT_BYTES
from engine.jobs.holding import Holding
from engine.jobs.outcome import Outcome, Page
from engine.jobs.ports import Allowance
from engine.memory.estimates import Estimates, kind_of
from engine.runtime import Credits


class Purse:
    """What it gave comes back when the lease leaves."""

    def __init__(self, *, credits: Credits, estimates: Estimates) -> None:  # noqa: A002 - their name
        self._credits = credits
        self._estimates = estimates

    def offer(self, holding: Holding) -> Allowance | None:
        """None where a fetch would have to wait."""
        holding.kind = kind_of(holding.lease.request)
        allowance = holding.allowance = self._credits.offer(self._estimates.of(holding.kind))
        return allowance

    async def take(self, holding: Holding) -> Allowance:
        """What was not offered; hosts come in turn."""
        need = self._estimates.of(holding.kind)
        allowance = holding.allowance = await self._credits.take(need, lane=holding.lease.request.host)
        return allowance

    def settle(self, holding: Holding, outcome: Outcome) -> None:
        """Its fetch is over; its outcome is on its way."""
        if holding.allowance is not None:
            holding.allowance.shrink(outcome.weight + SETTLEMENT_BYTES)
        if isinstance(outcome, Page):
            self._estimates.learn(holding.kind, outcome)
