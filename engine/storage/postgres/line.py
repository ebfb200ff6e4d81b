"""Who may have one of so many places, when more want one: in the order of asking."""

import asyncio
from collections import deque
from collections.abc import Callable

from engine.errors import EngineError


class Line:
    """Who is cancelled or waited too long leaves no gap, and nobody slips past who waits."""

    __slots__ = ("_free", "_waiting")

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: deque[asyncio.Future[None]] = deque()

    def offer(self) -> bool:
        """Take a place if that needs no waiting."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def enter(self, *, within_s: float, or_else: Callable[[], EngineError]) -> None:
        """Wait for a place; what `or_else` makes is raised when there is none in time."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(within_s, _refuse, turn, or_else)
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.exception() is None:  # it was let in just then
                self.leave()
            raise
        finally:
            timer.cancel()
            if turn in self._waiting:
                self._waiting.remove(turn)

    def leave(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def refuse_all(self, why: Callable[[], EngineError]) -> None:
        for turn in self._waiting:
            _refuse(turn, why)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def free(self) -> int:
        return self._free


def _refuse(turn: asyncio.Future[None], why: Callable[[], EngineError]) -> None:
    if not turn.done():
        turn.set_exception(why())
