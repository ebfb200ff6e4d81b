"""Where pages are kept: near, where a look costs a microsecond, and far, where it costs a round trip.

A scrape of pages that nobody asks for twice would pay that for nothing, page by page; so pages are put and looked for
far as long as it pays (Luck), and nothing there is waited for longer than WITHIN_S.
"""

from collections.abc import Awaitable, Sequence
from typing import Protocol, TypeVar

from engine.cache.level import Entry, Level
from engine.cache.pages.kept import KeptPage
from engine.cache.pages.luck import Luck
from engine.runtime import Deadline, DeadlineExpired

T = TypeVar("T")

WITHIN_S = 0.25
MOST_FRESH_S = 7 * 86_400.0
"""However long a page is fresh, it is kept no longer than that, and as long as a stale one besides."""


class Near(Level, Protocol):
    """A level of this process."""

    def look(self, key: str) -> bytes | None:
        """What is kept under it."""


class Shelf:
    """One page a key: the last that came."""

    def __init__(self, *, near: Near, far: Level | None = None, stale_s: float = 3600.0) -> None:
        """`stale_s` is how long a page is kept beyond its freshness, to be validated."""
        self._near = near
        self._far = far
        self._stale_s = stale_s
        self._luck = Luck()

    def lacks(self, key: str) -> bool:
        """Surely, and there is nowhere else to look."""
        return self._far is None and self._near.look(key) is None

    async def find(self, key: str, *, now: float, insists: bool = False) -> KeptPage | None:
        """`insists` looks far in any case. What cannot be read is not there."""
        value = self._near.look(key)
        if value is not None or self._far is None or not (insists or self._luck.tries(key)):
            return _decoded(value)
        return await self._found_far(self._far, key, now)

    async def keep(self, key: str, page: KeptPage, *, now: float) -> None:
        entries = (self._entry(key, page.encoded(), page, now),)
        await self._near.put(entries)
        if self._far is not None and self._luck.tries(key):
            await _within(self._far.put(entries))

    async def forget(self, keys: Sequence[str]) -> None:
        await self._near.drop(keys)
        if self._far is not None:
            await _within(self._far.drop(keys))

    async def _found_far(self, far: Level, key: str, now: float) -> KeptPage | None:
        (value,) = await _within(far.get((key,))) or (None,)
        page = _decoded(value)
        if value is None or page is None:
            self._luck.missed()
            return None
        self._luck.found()
        await self._near.put((self._entry(key, value, page, now),))
        return page

    def _entry(self, key: str, value: bytes, page: KeptPage, now: float) -> Entry:
        fresh_s = min(max(page.lifetime_s - page.age_s(now), 0.0), MOST_FRESH_S)
        return Entry(key=key, value=value, ttl_s=fresh_s + self._stale_s)


def _decoded(value: bytes | None) -> KeptPage | None:
    if value is None:
        return None
    try:
        return KeptPage.decoded(value)
    except (ValueError, TypeError):
        return None


async def _within(act: Awaitable[T]) -> T | None:
    try:
        with Deadline(WITHIN_S):
            return await act
    except DeadlineExpired:
        return None
