"""Maintenance: removes what nobody will ask for again, in steps of a few milliseconds each."""

from functools import partial

from engine.storage.postgres.chunks import sweep
from engine.storage.postgres.claims import look_again
from engine.storage.postgres.keys import forget
from engine.storage.postgres.prunes import prune
from engine.storage.postgres.transaction import Transaction
from engine.storage.postgres.writer import Writer

STEP = 500
"""Results a transaction."""
MET_AT_MOST = 10_000
"""Results a call that the walk may come by, kept ones too."""


class Maintenance:
    """Knows how far it has come on its walk through the results."""

    def __init__(self, *, writer: Writer, result_ttl_s: float | None) -> None:
        self._writer = writer
        self._result_ttl_s = result_ttl_s
        self._after = ""

    async def tidy(self, limit: int) -> int:
        """Up to `limit` rows of each kind; says how many of all."""
        pruned = 0 if self._result_ttl_s is None else await self._prune(limit, self._result_ttl_s)
        return pruned + await self._writer.run(partial(_sweep, limit=limit))

    async def _prune(self, limit: int, kept_s: float) -> int:
        """Once around, if nothing ends the walk before."""
        removed = met = 0
        has_turned = not self._after
        while removed < limit and met < MET_AT_MOST:
            act = partial(prune, after=self._after, limit=min(STEP, limit - removed), kept_s=kept_s)
            stretch = await self._writer.run(act)
            removed, met, self._after = removed + stretch.removed, met + stretch.met, stretch.after
            if not self._after and has_turned:
                break
            has_turned |= not self._after
        return removed


async def _sweep(transaction: Transaction, limit: int) -> int:
    await look_again(transaction, limit)
    return await sweep(transaction, limit) + await forget(transaction, limit)
