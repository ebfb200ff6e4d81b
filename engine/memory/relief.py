"""Gives back what nobody uses any more: what only cycles hold, and what the allocator keeps for its next use."""

import gc
from collections.abc import Callable

from engine.runtime import Call

EVERY_S = 10.0
"""Between two times on the same rung."""


class Relief:
    """`trim` may take long and runs by `call`; None where the allocator cannot be told."""

    def __init__(self, *, call: Call, trim: Callable[[], bool] | None, clock: Callable[[], float]) -> None:
        self._call = call
        self._trim = trim
        self._clock = clock
        self._due_at = 0.0
        self._level = 0

    def is_due(self, level: int) -> bool:
        """On a rung, when it was just climbed, and from time to time."""
        has_climbed, self._level = level > self._level, level
        return level > 0 and (has_climbed or self._clock() >= self._due_at)

    async def give_back(self) -> None:
        """Of the old, too: an upload that was broken off hangs in its error's traceback, and may be old by then."""
        self._due_at = self._clock() + EVERY_S
        gc.collect()
        if self._trim is not None:
            await self._call(self._trim)
