"""Deadlines by the thousand, under one timer of the loop: most are over long before their time.

For who sets one for each message: a timer of its own costs more than all else about a deadline.
"""

import asyncio
from math import inf
from types import TracebackType
from typing import Self

from engine.runtime.cut import took_back
from engine.runtime.errors import DeadlineExpired


class Deadlines:
    """Of tasks of the loop that it is made in."""

    __slots__ = ("_ends", "_rings_at", "_timer", "loop")

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._ends: dict[TimeLimit, float] = {}
        self._rings_at = inf
        self._timer: asyncio.TimerHandle | None = None

    def set(self, limit: "TimeLimit", seconds: float) -> None:
        self._ends[limit] = ends_at = self.loop.time() + seconds
        if ends_at < self._rings_at:
            self._ring_at(ends_at)

    def take_back(self, limit: "TimeLimit") -> float:
        """The seconds that are left of it. The timer stays as it is: to ring in vain now and then costs least."""
        return self._ends.pop(limit, 0.0) - self.loop.time()

    def _ring_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = when
        self._timer = None if when == inf else self.loop.call_at(when, self._ring)

    def _ring(self) -> None:
        now = self.loop.time()
        for limit in [limit for limit, ends_at in self._ends.items() if ends_at <= now]:
            del self._ends[limit]
            limit.expire()
        self._ring_at(min(self._ends.values(), default=inf))


class TimeLimit:
    """Ends the awaits of a block after its seconds; used once, by one task, in the loop.

    Out of the block comes DeadlineExpired. A block that ends by itself has ended, whatever came too late. While paused
    no time is used up.
    """

    __slots__ = ("_cancels", "_deadlines", "_expired", "_left_s", "_pauses", "_task")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines = deadlines
        self._left_s = seconds
        self._pauses = 0
        self._expired = False

    def __enter__(self) -> Self:
        task = asyncio.current_task(self._deadlines.loop)
        if task is None:
            raise RuntimeError("a deadline watches over a task")
        self._task = task
        self._cancels = task.cancelling()
        self._deadlines.set(self, self._left_s)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deadlines.take_back(self)
        if self._expired and took_back(self._task, error, cancels=self._cancels):
            raise DeadlineExpired from error

    def pause(self) -> None:
        """Stop the clock; pauses nest."""
        self._pauses += 1
        if self._pauses == 1 and not self._expired:
            self._left_s = self._deadlines.take_back(self)

    def resume(self) -> None:
        self._pauses -= 1
        if self._pauses == 0 and not self._expired:
            self._deadlines.set(self, self._left_s)

    def expire(self) -> None:
        """Its time is over."""
        self._expired = True
        self._task.cancel()
