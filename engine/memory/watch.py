"""The second line against running out of memory: looks, and takes the ladder's steps one by one.

It outlives whoever has it look, so that what was taken on one look is undone on a later one whoever looks then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.memory.gauge import Gauge
from engine.memory.history import Action, Sample
from engine.memory.ladder import Ladder
from engine.memory.relief import Relief
from engine.memory.rung import Rung

TRIM = "trim"
NOTABLE_BYTES = 1024 * 1024
"""Less that was given back is no news."""


class Audience(Protocol):
    """Is told of each look and of each step; returns at once and does not raise."""

    def saw(self, sample: Sample) -> None: ...
    def did(self, action: Action) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    rising: Callable[[], float]
    """Seconds since any moment."""
    wall: Callable[[], float]
    """Epoch seconds."""


class Watch:
    """`rungs` are those of the ladder from the lowest on; without one for its top it stops below that."""

    def __init__(
        self,
        *,
        gauge: Gauge,
        ladder: Ladder,
        rungs: Sequence[Rung],
        relief: Relief,
        audience: Sequence[Audience],
        clocks: Clocks,
    ) -> None:
        self._gauge = gauge
        self._ladder = ladder
        self._rungs = tuple(rungs)
        self._relief = relief
        self._audience = tuple(audience)
        self._clocks = clocks
        self.level = 0
        """The rung that is stood on, 0 for none."""
        self.reading = gauge.read()

    async def look(self) -> None:
        reading = self.reading = self._gauge.read()
        rung = self._ladder.step(self._clocks.rising(), reading.part, reading.usage.stalled_percent)
        self._go(min(rung, len(self._rungs)))
        for each in self._rungs[: self.level]:
            each.hold()
        self._show()
        if self._relief.is_due(self.level):
            await self._relieve()

    def _go(self, level: int) -> None:
        while self.level < level:
            self.level += 1
            self._rungs[self.level - 1].enter()
            self._did(self._rungs[self.level - 1].name)
        while self.level > level:
            self.level -= 1
            self._rungs[self.level].leave()
            self._did(self._rungs[self.level].name, is_undone=True)

    async def _relieve(self) -> None:
        """Told of with what is used after it, if it brought anything."""
        before_bytes = self.reading.usage.used_bytes
        await self._relief.give_back()
        self.reading = self._gauge.read()
        if before_bytes - self.reading.usage.used_bytes >= NOTABLE_BYTES:
            self._did(TRIM)

    def _show(self) -> None:
        usage, limit = self.reading.usage, self.reading.limit
        sample = Sample(
            at=self._clocks.wall(), used_bytes=usage.used_bytes, limit_bytes=limit.limit_bytes, level=self.level
        )
        for each in self._audience:
            each.saw(sample)

    def _did(self, name: str, *, is_undone: bool = False) -> None:
        action = Action(
            at=self._clocks.wall(),
            name=name,
            is_undone=is_undone,
            level=self.level,
            used_bytes=self.reading.usage.used_bytes,
            limit_bytes=self.reading.limit.limit_bytes,
            stalled_percent=self.reading.usage.stalled_percent,
        )
        for each in self._audience:
            each.did(action)
