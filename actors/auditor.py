"""Watches whether memory grows with nothing but work and time, and has it told when it does."""

from collections.abc import Callable

from engine.memory.leaks import Detector, Leak, Sample
from engine.runtime import Actor, ticks

PERIOD_S = 1.0


class Auditor(Actor):
    """A look a second, which costs some 20 us. What its detector has seen outlives it."""

    def __init__(
        self, *, sample: Callable[[], Sample | None], detector: Detector, tell: Callable[[Leak], None]
    ) -> None:
        """`sample` gives None while there is none."""
        self._sample = sample
        self._detector = detector
        self._tell = tell

    async def run(self) -> None:
        async for _ in ticks(PERIOD_S):
            sample = self._sample()
            leak = self._detector.judge(sample) if sample is not None else None
            if leak is not None:
                self._tell(leak)
