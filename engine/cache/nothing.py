"""A level of the cache that keeps nothing: for who wants none."""

from collections.abc import Sequence

from engine.cache.level import Entry


class Nothing:
    """Always a miss."""

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        return [None] * len(keys)

    async def put(self, entries: Sequence[Entry]) -> None: ...

    async def drop(self, keys: Sequence[str]) -> None: ...

    async def close(self) -> None: ...
