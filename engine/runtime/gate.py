"""Many in company, or one alone; whoever is alone leaves the gate open to who waited for as long as it was kept shut.

For one who wants to be alone it is shut: nobody comes in any more, those inside leave, then the one is inside. When it
leaves, all who wait in company come in, and if there are any, it is not shut again for as long as it had been shut. So,
however many want to be alone,

- others have at least half of the time, and each of them waits for no more than one who is alone;
- who wants to be alone is served in the order of asking. The first waits for no longer than the one before kept the
  gate shut, and then until those inside have left.

While nobody wants to be alone, coming in and leaving cost an integer and no wait.
"""

import asyncio
from collections import deque

Turn = asyncio.Future[None]


class Gate:
    """Times are the loop's."""

    __slots__ = ("_company", "_inside", "_is_closed", "_loners", "_next", "_rest", "_shut_at", "is_shut", "turns")

    def __init__(self) -> None:
        self._inside = 0
        self._is_closed = False
        self._shut_at = 0.0
        self._rest: asyncio.TimerHandle | None = None
        self._next: Turn | None = None
        self._loners: deque[Turn] = deque()
        self._company: deque[Turn] = deque()
        self.is_shut = False
        """Is one alone, or waits for those inside to leave?"""
        self.turns = 0
        """How often it was shut or opened."""

    def offer(self) -> bool:
        """Come in, in company, if that needs no waiting."""
        if self.is_shut:
            return False
        self._inside += 1
        return True

    async def enter(self, *, alone: bool = False) -> None:
        """Wait until one may be inside."""
        if (self._is_closed or not alone) and self.offer():
            return
        turn: Turn = asyncio.get_running_loop().create_future()
        (self._loners if alone else self._company).append(turn)
        self._shut_if_wanted()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._give_up(turn)
            else:
                self.leave()
            raise

    def leave(self) -> None:
        self._inside -= 1
        if self.is_shut and not self._inside:
            self._pass_on()

    def close(self) -> None:
        """Let everybody in, now and later: for an end, at which nobody who comes in does what they came for."""
        self._is_closed = True
        if self._next is not None:
            self._loners.append(self._next)
            self._next = None
        self.is_shut = False
        self._let_in(self._loners)
        self._let_in(self._company)

    def _shut_if_wanted(self) -> None:
        while self._loners and not self.is_shut and self._rest is None:
            turn = self._loners.popleft()
            if not turn.done():
                self._shut_for(turn)

    def _shut_for(self, turn: Turn) -> None:
        self.is_shut = True
        self.turns += 1
        self._shut_at = asyncio.get_running_loop().time()
        self._next = turn
        if not self._inside:
            self._pass_on()

    def _pass_on(self) -> None:
        """Nobody is inside any more: neither those in company, nor who was alone."""
        turn, self._next = self._next, None
        if turn is None or turn.done():
            self._open()
        else:
            self._inside = 1
            turn.set_result(None)

    def _give_up(self, turn: Turn) -> None:
        if turn is self._next:
            self._next = None
            self._open()

    def _open(self) -> None:
        self.is_shut = False
        self.turns += 1
        if self._let_in(self._company):
            loop = asyncio.get_running_loop()
            self._rest = loop.call_later(loop.time() - self._shut_at, self._rested)
        else:
            self._shut_if_wanted()

    def _rested(self) -> None:
        self._rest = None
        self._shut_if_wanted()

    def _let_in(self, waiting: deque[Turn]) -> int:
        """All but those who have given up; how many."""
        before = self._inside
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                self._inside += 1
                turn.set_result(None)
        return self._inside - before
