"""Whether it still pays to look where a look costs a round trip."""

PAID_A_HIT = 32
"""Looks in vain that one find is worth: a site answers a page for some hundred times what a look costs."""
MOST = 1024
TRIED = 64
"""Without luck one in so many is tried, so that luck can come back."""


class Luck:
    """Of n looks, at most MOST + n / TRIED + PAID_A_HIT for each find are in vain. It starts with all of MOST."""

    __slots__ = ("_left", "_passed")

    def __init__(self) -> None:
        self._left = MOST
        self._passed = 0

    def tries(self) -> bool:
        if self._left:
            return True
        self._passed = (self._passed + 1) % TRIED
        return not self._passed

    def found(self) -> None:
        self._left = min(self._left + PAID_A_HIT, MOST)

    def missed(self) -> None:
        self._left = max(self._left - 1, 0)
