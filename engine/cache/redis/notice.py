"""Says that something is wrong, once in a while, however often it is seen."""

from collections.abc import Callable

EVERY_S = 60.0


class Notice:
    def __init__(self, *, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._say = say
        self._clock = clock
        self._again_at = float("-inf")

    def tell(self, why: str) -> None:
        now = self._clock()
        if now >= self._again_at:
            self._again_at = now + EVERY_S
            self._say(why)
