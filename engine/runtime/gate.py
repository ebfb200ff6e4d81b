"""Many in company, or one alone; who comes while somebody waits, waits behind.

Where nobody is alone or wants to be, coming in costs an integer and no wait.
"""

import asyncio
from collections import deque

_ALONE = -1


class Gate:
    """In the order of asking, so that neither the many nor the one can starve the other."""

    __slots__ = ("_inside", "_waiting")

    def __init__(self) -> None:
        self._inside = 0
        self._waiting: deque[tuple[asyncio.Future[None], bool]] = deque()

    def offer(self) -> bool:
        """Come in, in company, if that needs no waiting."""
        if self._inside == _ALONE or self._waiting:
            return False
        self._inside += 1
        return True

    async def enter(self, *, alone: bool = False) -> None:
        """Wait until one may be inside."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, alone))
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._admit()  # who waited behind it may come in now
            else:
                self.leave()
            raise

    def leave(self) -> None:
        self._inside = 0 if self._inside == _ALONE else self._inside - 1
        if self._waiting:
            self._admit()

    def _admit(self) -> None:
        while self._waiting:
            turn, alone = self._waiting[0]
            if not turn.done():
                if self._inside == _ALONE or (alone and self._inside):
                    return
                self._inside = _ALONE if alone else self._inside + 1
                turn.set_result(None)
            self._waiting.popleft()
