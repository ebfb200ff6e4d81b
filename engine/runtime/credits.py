"""Bytes that may be held at once, and who waits for some.

Those who hold some and want more go before those who have not begun; of these the lanes come in turn, and within a lane
each in the order of asking. When there is nothing left, the first in line who holds some may overdraw until it gives
back: one at a time, the finisher. So that somebody always gets on, whatever all of them still want.
"""

import asyncio
from collections import deque

from engine.runtime.turns import Turns


class Allowance:
    """What one task may hold. `held` is what it does, and its to read only."""

    __slots__ = ("_credits", "held", "is_over")

    def __init__(self, credits: "Credits", held: int) -> None:  # noqa: A002 - the word for them
        self._credits = credits
        self.held = held
        self.is_over = False
        """Was it given back?"""

    async def reach(self, size: int) -> None:
        """Returns once it holds that many bytes in all. Raises RuntimeError once it is given back."""
        if size > self.held or self.is_over:
            await self._credits.grow(self, size - self.held)

    def shrink(self, size: int) -> None:
        """It will want no more, and holds that many bytes at most from here on."""
        if size < self.held:
            self._credits.reduce(self, self.held - size)

    def give_back(self) -> None:
        """The end of it; may be said again."""
        if not self.is_over:
            self.is_over = True
            self._credits.reduce(self, self.held)

    @property
    def most(self) -> int:
        """What it could hold if nobody else held anything, once the total is as large again as it ever was."""
        return self._credits.most_bytes


class Want:
    """Bytes asked for; the answer comes with the grant. Of who holds some already, the lane is None."""

    __slots__ = ("allowance", "answer", "is_granted", "lane", "size")

    def __init__(self, allowance: Allowance, size: int, lane: str | None) -> None:
        self.allowance = allowance
        self.size = size
        self.lane = lane
        self.is_granted = False
        self.answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_off(self) -> bool:
        """Was it cancelled, or its allowance given back?"""
        return self.answer.done() or self.allowance.is_over


class Credits:
    """Never more than the total is held, but for what the finisher holds. All to the byte: zero when all gave back."""

    __slots__ = ("_beginning", "_finisher", "_held", "_may_overdraw", "_reaching", "_total", "most_bytes")

    def __init__(self, total_bytes: int, *, may_overdraw: bool = True) -> None:
        """Where nobody may overdraw, who waits needs a deadline of its own."""
        self._total = self.most_bytes = total_bytes
        self._may_overdraw = may_overdraw
        self._held = 0
        self._finisher: Allowance | None = None
        self._reaching: deque[Want] = deque()
        self._beginning: Turns[Want] = Turns()

    def offer(self, size: int) -> Allowance | None:
        """Some at once, or None: it overtakes nobody. More than there is in all is had while nobody else holds any."""
        held = self._held + size
        if self._reaching or self._beginning.lines or (held > self._total and self._held):
            return None
        self._held = held
        allowance = Allowance(self, size)
        if held > self._total:
            self._finisher = allowance
        return allowance

    async def take(self, size: int, *, lane: str) -> Allowance:
        """As offer, but waits for them."""
        offered = self.offer(size)
        if offered is not None:
            return offered
        want = Want(Allowance(self, 0), size, lane)
        self._beginning.add(lane, want)
        await self._granted(want)
        return want.allowance

    async def grow(self, allowance: Allowance, more: int) -> None:
        """For Allowance.reach."""
        if allowance.is_over:
            raise RuntimeError("the allowance was given back")
        if self._finisher is allowance or (not self._reaching and self._held + more <= self._total):
            self._held += more
            allowance.held += more
            return
        want = Want(allowance, more, None)
        self._reaching.append(want)
        await self._granted(want)

    def reduce(self, allowance: Allowance, less: int) -> None:
        """For Allowance.shrink and give_back."""
        self._held -= less
        allowance.held -= less
        if self._finisher is allowance and (allowance.is_over or self._held <= self._total):
            self._finisher = None
        if self._reaching or self._beginning.lines:
            self._serve()

    @property
    def held_bytes(self) -> int:
        return self._held

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._reaching) + len(self._beginning)

    @property
    def total_bytes(self) -> int:
        return self._total

    @total_bytes.setter
    def total_bytes(self, total: int) -> None:
        """A smaller one takes effect as credits come back."""
        self._total = total
        self.most_bytes = max(total, self.most_bytes)
        self._serve()

    async def _granted(self, want: Want) -> None:
        self._serve()
        try:
            await want.answer
        except asyncio.CancelledError:
            self._withdraw(want)
            raise

    def _withdraw(self, want: Want) -> None:
        """What was granted meanwhile goes back: nobody will hear of it."""
        if want.lane is not None:
            self._beginning.discard(want.lane, want)
            want.allowance.give_back()
        elif want in self._reaching:
            self._reaching.remove(want)
        elif want.is_granted and not want.allowance.is_over:
            self.reduce(want.allowance, want.size)
        self._serve()

    def _serve(self) -> None:
        while self._serves_holder() or self._serves_beginner():
            pass

    def _serves_holder(self) -> bool:
        """Where there is nothing left and no finisher, the first in line becomes it."""
        if not self._reaching:
            return False
        want = self._reaching[0]
        if self._lacks(want) and (self._finisher is not None or not self._may_overdraw):
            return False
        self._reaching.popleft()
        self._grant(want)
        return True

    def _serves_beginner(self) -> bool:
        if self._reaching or not self._beginning.lines:
            return False
        want = self._beginning.first()
        if self._lacks(want) and self._held:
            return False
        if want.is_off:
            self._beginning.discard(str(want.lane), want)  # its lane's turn is left to the next
        else:
            self._beginning.pop()
        self._grant(want)
        return True

    def _lacks(self, want: Want) -> bool:
        return self._held + want.size > self._total and not want.is_off

    def _grant(self, want: Want) -> None:
        if want.answer.done():  # cancelled, and not yet come round to withdraw
            return
        if want.allowance.is_over:
            want.answer.set_exception(RuntimeError("the allowance was given back"))
            return
        want.is_granted = True
        want.allowance.held += want.size
        self._held += want.size
        if self._held > self._total:
            self._finisher = want.allowance
        want.answer.set_result(None)
