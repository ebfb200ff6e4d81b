"""Whether it still pays to go where going costs a round trip."""

PAID_A_HIT = 8
"""Looks in vain that one find is worth. Over Redis a look takes 59 us of processor time and a put 80, which is about
what a whole fetch takes; but a find also spares the site, and its time."""
MOST = 256

_SAMPLE = frozenset({"00", "01", "02", "03"})
"""How the digests of one key in 64 end."""


class Luck:
    """Of n looks, at most MOST + n / 64 + PAID_A_HIT for each find are in vain. It starts with all of MOST.

    Out of luck only the keys of a sample are tried, the same for all processes: of these none is missed, so that luck
    comes back as soon as pages do.
    """

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MOST

    def tries(self, key: str) -> bool:
        """`key` ends in a digest in hex."""
        return self._left > 0 or key[-2:] in _SAMPLE

    def found(self) -> None:
        self._left = min(self._left + PAID_A_HIT, MOST)

    def missed(self) -> None:
        self._left = max(self._left - 1, 0)
