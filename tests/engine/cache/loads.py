"""What a reader loads from: values that a test sets, in its own time, and every load is counted."""

import asyncio
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from engine.cache.flight import Loaded
from engine.cache.level import Entry
from engine.cache.memory import MemoryLevel
from engine.cache.read_through import ReadThrough, Terms
from engine.errors import EngineError
from tests.engine.metrics.panel import Clock

P = ParamSpec("P")
T = TypeVar("T")


class Source:
    """Loads wait while `may_go` is unset."""

    def __init__(self, value: bytes = b"one", lasts_s: float = 60.0) -> None:
        self.value = value
        self.lasts_s = lasts_s
        self.error: EngineError | None = None
        self.loads = 0
        self.began = asyncio.Event()
        self.may_go = asyncio.Event()
        self.may_go.set()

    async def load(self) -> Loaded:
        self.loads += 1
        self.began.set()
        seen = self.value, self.lasts_s
        await asyncio.sleep(0)
        await self.may_go.wait()
        if self.error is not None:
            raise self.error
        return seen


class Looks:
    """Counts as the metrics do."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, bool]] = []

    def looked(self, level: str, key: str, *, found: bool) -> None:
        self.seen.append((level, key, found))

    def sampled(self, operation: str, level: str, act: Callable[P, T]) -> Callable[P, T]:  # noqa: ARG002 - a port
        return act


REFUSES_S = 2.0


class Fleet:
    """A level that processes share; what was dropped is not taken again for a while. Each act takes `turns`."""

    def __init__(self, clock: Clock, turns: int = 0) -> None:
        self.kept: dict[str, Entry] = {}
        self._refused: dict[str, float] = {}
        self._clock = clock
        self._turns = turns

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        found = [self.kept[key].value if key in self.kept else None for key in keys]
        await turns(self._turns)
        return found

    async def put(self, entries: Sequence[Entry]) -> None:
        await turns(self._turns)
        for entry in entries:
            if self._refused.get(entry.key, 0.0) <= self._clock.now:
                self.kept[entry.key] = entry

    async def drop(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._refused[key] = self._clock.now + REFUSES_S
            self.kept.pop(key, None)
        await turns(self._turns)

    async def close(self) -> None: ...


async def turns(count: int) -> None:
    """Lets others go on so often."""
    for _ in range(count):
        await asyncio.sleep(0)


def a_reader(
    clock: Callable[[], float],
    *,
    shared: Fleet | None = None,
    watch: Looks | None = None,
    late_s: float = 0.0,
    **terms: float,
) -> ReadThrough:
    memory = MemoryLevel(limit_bytes=10**6, longest_s=300.0, clock=clock, draw=lambda: 0.0, late_s=late_s)
    return ReadThrough(memory=memory, shared=shared, terms=Terms(**terms), now=clock, watch=watch or Looks())
