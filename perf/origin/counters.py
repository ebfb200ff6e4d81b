"""Places that remember how often they were asked.

Counts live as long as the server and are bounded: of ten thousand keys, the one not asked for longest is forgotten.
"""

from collections import OrderedDict
from collections.abc import Mapping

import orjson
from aiohttp import web

from perf.origin.place import number_in

KEPT_KEYS = 10_000


class Counts:
    """How often each key was asked for."""

    def __init__(self, *, keep: int = KEPT_KEYS) -> None:
        self._keep = keep
        self._counts: OrderedDict[str, int] = OrderedDict()

    def add(self, key: str) -> int:
        """Count one more, and tell how many that makes."""
        self._counts[key] = self._counts.pop(key, 0) + 1
        if len(self._counts) > self._keep:
            self._counts.popitem(last=False)
        return self._counts[key]

    def of(self, key: str) -> int:
        return self._counts.get(key, 0)

    def all(self) -> Mapping[str, int]:
        return self._counts


COUNTS = web.AppKey("counts", Counts)


async def flaky(request: web.Request) -> web.Response:
    """503 for the first `?fails=` requests of a key, one unless told; then 200."""
    fails = number_in(request, "fails", default=1, most=1_000_000)
    asked = request.app[COUNTS].add(request.path)
    return web.Response(status=503 if asked <= fails else 200, text=f"request {asked}\n")


async def count(request: web.Request) -> web.Response:
    """Tells how often its address was asked, this time included; `?peek=1` tells without counting."""
    counts, key = request.app[COUNTS], request.path
    asked = counts.of(key) if request.query.get("peek") == "1" else counts.add(key)
    return web.Response(body=orjson.dumps({"count": asked}), content_type="application/json")
