"""How this process gets on: attempts settled a second, how many of them a busy slot makes, how many succeed.

A pause leaves the second as it last was.
"""

from collections.abc import Callable

from engine.metrics.rate import Rate

MICROSECONDS = 1_000_000


class Headway:
    """Over the last minute; `clock` gives seconds and never goes back."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._settled = Rate(clock=clock)
        self._succeeded = Rate(clock=clock)
        self._busy_us = Rate(clock=clock)
        self._per_slot: float | None = None
        self.per_second = self._settled.per_second

    @property
    def total(self) -> int:
        """Attempts since the start."""
        return self._settled.total

    def add(self, count: int, succeeded: int, took_s: float) -> None:
        """So many attempts, and what they took together."""
        self._settled.add(count)
        self._succeeded.add(succeeded)
        self._busy_us.add(int(took_s * MICROSECONDS))

    def per_slot(self) -> float | None:
        """None before the first attempt."""
        settled, busy_us = self._settled.counted(), self._busy_us.counted()
        if settled and busy_us:
            self._per_slot = settled * MICROSECONDS / busy_us
        return self._per_slot

    def success_part(self) -> float | None:
        """None while nothing is settled."""
        settled = self._settled.counted()
        return self._succeeded.counted() / settled if settled else None
