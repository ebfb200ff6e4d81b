"""How many of a pool are awake at once; the others wait until it is opened wider, or somebody leaves.

Where it is wide enough, coming in costs an integer and no wait. It may be narrowed while more are inside than it then
lets in: they see that it is crowded, and leave when they have ended what they do.
"""

import asyncio
from collections import deque


class Valve:
    """In the order of asking; nobody waits while there is room."""

    __slots__ = ("_inside", "_is_closed", "_waiting", "_width", "is_crowded")

    def __init__(self, width: int) -> None:
        self._width = width
        self._inside = 0
        self._is_closed = False
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.is_crowded = False
        """Are more inside than it lets in now?"""

    def offer(self) -> bool:
        """Come in if that needs no waiting."""
        if self._inside >= self._width and not self._is_closed:
            return False
        self._inside += 1
        return True

    async def enter(self) -> None:
        """Wait until there is room."""
        if self.offer():
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave()
            elif turn in self._waiting:  # nobody has found it cancelled yet
                self._waiting.remove(turn)
            raise

    def leave(self) -> None:
        self._inside -= 1
        self._admit()

    def close(self) -> None:
        """Let everybody in, now and later: nothing is left to be kept from."""
        self._is_closed = True
        self._admit()

    @property
    def width(self) -> int:
        return self._width

    @width.setter
    def width(self, width: int) -> None:
        self._width = width
        self._admit()

    @property
    def inside(self) -> int:
        return self._inside

    def _admit(self) -> None:
        while self._waiting and (self._inside < self._width or self._is_closed):
            turn = self._waiting.popleft()
            if not turn.done():
                self._inside += 1
                turn.set_result(None)
        self.is_crowded = self._inside > self._width and not self._is_closed
