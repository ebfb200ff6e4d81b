"""What the cache of pages adds to a fetch, which here costs nothing itself.

Medians of batches on uvloop, in microseconds of processor time a page. The level is a dict, so it is the cache's own.
"""

from collections.abc import Iterable, Sequence
from itertools import count
from statistics import median
from time import process_time, time

import uvloop

from engine.cache.level import Entry
from engine.cache.pages.cached_fetch import CachedFetch
from engine.cache.pages.shelf import Shelf
from engine.fetch.content import target_of
from engine.jobs.outcome import Outcome, Page
from engine.jobs.ports import Credit, Fetch, Sink
from engine.jobs.request import Request

_BATCHES = 20
_PAGES = 2_000
_BODY = b"x" * 13_000
_PLAIN = (
    ("Server", "nginx"),
    ("Date", "Tue, 14 Nov 2023 22:13:20 GMT"),
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", "13000"),
    ("Connection", "keep-alive"),
    ("X-Frame-Options", "DENY"),
    ("Strict-Transport-Security", "max-age=31536000"),
)
_FRESH = (*_PLAIN[:1], *_PLAIN[2:], ("Cache-Control", "public, max-age=3600"), ("ETag", '"one"'))


class Site:
    """Answers at once."""

    def __init__(self, headers: tuple[tuple[str, str], ...]) -> None:
        self._page = Page(
            status_code=200,
            final_url="http://site.test/",
            headers=headers,
            content_type="text/html",
            charset="utf-8",
            body=_BODY,
            size=len(_BODY),
            elapsed_s=0.0,
        )

    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:  # noqa: ARG002 - the port's
        return self._page


class Unbounded:
    """A credit without an end."""

    held = most = 1024**3

    async def reach(self, size: int, /) -> None: ...


class Shelves(dict[str, bytes]):
    """A level that is a dict."""

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:  # type: ignore[override]  # a level, and so no mapping
        return [dict.get(self, key) for key in keys]

    def look(self, key: str) -> bytes | None:
        return dict.get(self, key)

    async def put(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self[entry.key] = entry.value

    async def drop(self, keys: Sequence[str]) -> None: ...

    async def close(self) -> None: ...


async def measure() -> dict[str, float]:
    """Microseconds a page: silent_us (the site says nothing of caching), kept_us, hit_us (fetched from the cache)."""
    numbers = count()
    bare = await _median_us(Site(_PLAIN), numbers)
    fresh = _caching(_FRESH)
    return {
        "silent_us": await _median_us(_caching(_PLAIN), numbers) - bare,
        "kept_us": await _median_us(fresh, numbers) - bare,
        "hit_us": await _median_us(fresh, [0] * (_BATCHES * _PAGES)) - bare,
    }


def main() -> None:
    for name, micros in uvloop.run(measure()).items():
        print(f"{name:16} {micros:6.2f}")


def _caching(headers: tuple[tuple[str, str], ...]) -> CachedFetch:
    return CachedFetch(fetch=Site(headers), shelf=Shelf(near=Shelves()), target=target_of, standing={}, now=time)


async def _median_us(fetch: Fetch, numbers: Iterable[int]) -> float:
    each = iter(numbers)
    return median([await _batch(fetch, [next(each) for _ in range(_PAGES)]) for _ in range(_BATCHES)]) / _PAGES * 1e6


async def _batch(fetch: Fetch, numbers: Sequence[int]) -> float:
    asked = [Request(url=f"http://site.test/page/{number}", host="site.test") for number in numbers]
    began = process_time()
    for request in asked:
        await fetch(request, timeout_s=30.0, sink=_lost, credit=Unbounded())
    return process_time() - began


async def _lost(_: bytes) -> None: ...


if __name__ == "__main__":
    main()
