"""Does again what failed for a reason that passes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.storage.postgres.faults import RAISED, TRANSLATED, is_conflict, is_transient

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long."""

    tries: int = 5
    """Those that somebody else came before are not counted: there time alone is the bound."""
    first_s: float = 0.05
    longest_s: float = 1.0
    within_s: float = 5.0
    """No try begins later than this after the first."""

    def pause_s(self, failures: int, draw: Callable[[], float]) -> float:
        """Full jitter: evenly from nothing to a bound that doubles with each failure."""
        return draw() * min(self.longest_s, self.first_s * float(2 ** (failures - 1)))


PATIENCE = Patience()


async def retried(
    act: Callable[..., Awaitable[T]],
    *values: Any,
    draw: Callable[[], float],
    clock: Callable[[], float],
    patience: Patience = PATIENCE,
) -> T:
    """Does `act` with the values, again after a transient error, and raises the last in the engine's words.

    It begins from its beginning each time, so it must be one statement or one transaction; and where its commit may
    have been lost on the way it is done twice, so that has to do no harm. `draw` gives evenly from 0 to 1, `clock`
    seconds since any moment.
    """
    ends_at = clock() + patience.within_s
    failures = conflicts = 0
    while True:
        try:
            return await act(*values)
        except RAISED as error:
            failures += 1
            conflicts += is_conflict(error)
            pause_s = patience.pause_s(failures, draw)
            is_spent = failures - conflicts == patience.tries or clock() + pause_s > ends_at
            if is_spent or not is_transient(error):
                with TRANSLATED:
                    raise
        await asyncio.sleep(pause_s)
