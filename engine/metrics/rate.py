"""How many events a second, over the last minute.

Memory is bounded: one number a second of the window, whatever the traffic.
"""

from collections.abc import Callable

WINDOW_S = 60


class Rate:
    """Counts into a ring of seconds; `clock` gives seconds and never goes back."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._counts = [0] * WINDOW_S
        self._second = self._first = int(clock())
        self._counted = 0
        self._is_measured = False
        self._total = 0

    @property
    def total(self) -> int:
        """Events since the start."""
        return self._total

    def add(self, count: int = 1) -> None:
        second = int(self._clock())
        if second != self._second:
            self._move_on(second)
        if not self._counted:
            self._first = second
        self._counts[second % WINDOW_S] += count
        self._counted += count
        self._total += count
        self._is_measured = self._is_measured or count > 0

    def counted(self) -> int:
        """Events in the window."""
        self._move_on(int(self._clock()))
        return self._counted

    def per_second(self) -> float | None:
        """Since the first event in the window, so that a rate is right soon after a pause. None before any event."""
        if not self._is_measured:
            return None
        now = self._clock()
        self._move_on(int(now))
        return self._counted / max(now - self._first, 1.0)

    def _move_on(self, second: int) -> None:
        """Empties the places of the seconds since the last: what they counted leaves the window."""
        if second == self._second:
            return
        for passed in range(max(self._second, second - WINDOW_S) + 1, second + 1):
            self._counted -= self._counts[passed % WINDOW_S]
            self._counts[passed % WINDOW_S] = 0
        self._second = second
        if not self._counted:
            self._first = second
        while not self._counts[self._first % WINDOW_S] and self._first < second:
            self._first += 1
