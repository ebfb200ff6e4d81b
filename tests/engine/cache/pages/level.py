"""A level of the cache that is a dict."""

import asyncio
from collections.abc import Callable, Sequence

from engine.cache.level import Entry


class DictLevel:
    """Keeps by the test's clock; counts looks; hangs while it is told to."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.kept: dict[str, tuple[bytes, float]] = {}
        self.looks = 0
        self.hangs = False

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        self.looks += 1
        await self._wait()
        return [self._one(key) for key in keys]

    def look(self, key: str) -> bytes | None:
        return self._one(key)

    async def put(self, entries: Sequence[Entry]) -> None:
        await self._wait()
        self.kept.update({each.key: (each.value, self._now() + each.ttl_s) for each in entries})

    async def drop(self, keys: Sequence[str]) -> None:
        await self._wait()
        for key in keys:
            self.kept.pop(key, None)

    async def close(self) -> None: ...

    def _one(self, key: str) -> bytes | None:
        value, until = self.kept.get(key, (b"", 0.0))
        return value if self._now() < until else None

    async def _wait(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
