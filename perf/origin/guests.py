"""How many are kept waiting at the same time by pages that are late: now, and the most since the count began."""

from collections.abc import Iterator
from contextlib import contextmanager

import orjson
from aiohttp import web


class Guests:
    """As long as the server lives."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            yield
        finally:
            self.now -= 1

    def count_anew(self) -> None:
        self.most = self.now


GUESTS = web.AppKey("guests", Guests)


async def guests(request: web.Request) -> web.Response:
    """Tells them; `?anew=1` begins to count anew."""
    told = request.app[GUESTS]
    if request.query.get("anew") == "1":
        told.count_anew()
    return web.Response(body=orjson.dumps({"now": told.now, "most": told.most}), content_type="application/json")
