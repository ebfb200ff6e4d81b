"""The time by which leases are given and end, in epoch seconds: the wall's at start plus the monotonic time since.

It never goes back, whatever becomes of the wall clock; read from any thread.
"""

from collections.abc import Callable


class StoreClock:
    """One store's clock; `wall` is read once."""

    def __init__(self, *, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._start = wall()

    def now(self) -> float:
        return self._start + (self._monotonic() - self._began)

    def never_behind(self, latest: float) -> None:
        """From here on it is at least this time: something was written then."""
        self._start += max(0.0, latest - self.now())
