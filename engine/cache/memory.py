"""The level of the cache that is in this process: the least recently used entries go first.

Its bound is in bytes, and holds at any time: keys, values and what Python needs around them.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from sys import getsizeof
from typing import NamedTuple

from engine.cache.level import Entry

OVERHEAD_BYTES = 320
"""Of an entry, beside its key and value: its place in the dict, its times; measured with tracemalloc, rounded up."""
LARGEST_PART = 8
"""An entry that would take more than one of so many parts of the whole is not kept: it would drive out too many."""
JITTER = 0.1
"""What is kept together does not end together: up to this part of its time is left out."""


class Held(NamedTuple):
    value: bytes
    until: float
    size_bytes: int


class MemoryLevel:
    """A Level whose work is done without waiting, by `look`, `keep` and `forget`."""

    def __init__(
        self,
        *,
        limit_bytes: int,
        longest_s: float,
        clock: Callable[[], float],
        draw: Callable[[], float],
        late_s: float = 0.0,
    ) -> None:
        """`draw` gives numbers from 0 up to 1. A limit of 0 keeps nothing; `late_s`: see `late`."""
        self._whole_bytes = self._limit_bytes = limit_bytes
        self._longest_s = longest_s
        self._clock = clock
        self._draw = draw
        self._late_s = late_s
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        return self._size_bytes

    def look(self, key: str) -> bytes | None:
        held = self._held.get(key)
        if held is None:
            return None
        ended_s = self._clock() - held.until
        if ended_s < 0:
            self._held.move_to_end(key)
            return held.value
        if ended_s >= self._late_s:
            self.forget(key)
        return None

    def late(self, key: str) -> bytes | None:
        """What ended no longer than `late_s` ago, for who would have to wait for what follows it."""
        held = self._held.get(key)
        return held.value if held is not None and self._clock() - held.until < self._late_s else None

    def keep(self, key: str, value: bytes, ttl_s: float) -> None:
        self.forget(key)
        size_bytes = getsizeof(key) + getsizeof(value) + OVERHEAD_BYTES
        lasts_s = min(ttl_s, self._longest_s) * (1 - JITTER * self._draw())
        if lasts_s <= 0 or size_bytes > self._limit_bytes // LARGEST_PART:
            return
        self._make_room(size_bytes)
        # A copy takes what it needs and no more: what was written by orjson may lie in far larger a room, so that a
        # full level took up to fourteen times its bound of the process (measured: glibc, answers of 2 to 40 KB).
        self._held[key] = Held(bytes(memoryview(value)), self._clock() + lasts_s, size_bytes)
        self._size_bytes += size_bytes

    def forget(self, key: str) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            self._size_bytes -= held.size_bytes

    def forget_all(self, keys: Iterable[str]) -> None:
        if self._held:
            for key in keys:
                self.forget(key)

    def clear(self) -> None:
        self._held.clear()
        self._size_bytes = 0

    def narrow(self, part: float) -> None:
        """Hold no more than this part of the limit, from now on."""
        self._limit_bytes = int(self._whole_bytes * part)
        self._make_room(0)

    def widen(self) -> None:
        self._limit_bytes = self._whole_bytes

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        return [self.look(key) for key in keys]

    async def put(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.keep(entry.key, entry.value, entry.ttl_s)

    async def drop(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.forget(key)

    async def close(self) -> None:
        self.clear()

    def _make_room(self, size_bytes: int) -> None:
        while self._size_bytes + size_bytes > self._limit_bytes:
            _, oldest = self._held.popitem(last=False)
            self._size_bytes -= oldest.size_bytes
