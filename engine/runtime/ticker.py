"""Ticks at a fixed rate.

Ticks lie on a grid of whole periods since the first wait: they do not drift, and what a stall missed stays missed.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Self


def ticks(every_s: float) -> AsyncIterator[int]:
    """Tick after each period; the number says how many periods went by since the last, more than 1 after a stall."""
    if every_s <= 0:
        raise ValueError("a period is longer than nothing")
    return _Ticks(every_s)


class _Ticks:
    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._began_at: float | None = None
        self._count = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> int:
        now = asyncio.get_running_loop().time()
        if self._began_at is None:
            self._began_at = now
        # A timer may fire a little early: the count moves on by one at least, so that no tick comes twice.
        count = max(self._count, int((now - self._began_at) / self._every_s)) + 1
        await asyncio.sleep(self._began_at + count * self._every_s - now)
        passed, self._count = count - self._count, count
        return passed
