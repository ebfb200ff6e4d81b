"""A site that says what it is told to, a client that keeps its pages, and a clock that both go by."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from email.utils import formatdate
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from engine.cache.level import Level
from engine.cache.pages.cached_fetch import CachedFetch, Finding
from engine.cache.pages.shelf import Shelf
from engine.fetch.client import Client
from engine.fetch.content import target_of
from engine.fetch.headers import standing
from engine.fetch.limits import Limits
from engine.jobs.address import canonical
from engine.jobs.outcome import Failure, Outcome, Page
from engine.jobs.request import Options, Request
from tests.contracts.budget import an_allowance
from tests.contracts.stores import Hand
from tests.engine.cache.pages.level import DictLevel

AGENT = "Tester/1"
Handler = Callable[[web.Request], web.StreamResponse]


class Scene:
    """What the site answers is `says`; whatever it was asked is in `asked`."""

    def __init__(self, site: str, client: Client, hand: Hand, asked: list[web.Request]) -> None:
        self.site = site
        self.hand = hand
        self.near, self.far = DictLevel(hand.now), DictLevel(hand.now)
        self.asked = asked
        self.says: Handler = lambda _: self.answer()
        self.findings: list[Finding] = []
        self._client = client
        self.fetch = self.beside()

    def beside(self, near: DictLevel | None = None, far: Level | None = None) -> CachedFetch:
        """Another process; where it is not told another, over the same far level."""
        return self._over(Shelf(near=near or self.near, far=far or self.far, stale_s=3600.0))

    def alone(self) -> CachedFetch:
        """A process that shares nothing."""
        return self._over(Shelf(near=self.near, stale_s=3600.0))

    def _over(self, shelf: Shelf) -> CachedFetch:
        return CachedFetch(
            fetch=self._client,
            shelf=shelf,
            target=target_of,
            standing=standing(AGENT),
            now=self.hand.now,
            tell=self.findings.append,
        )

    async def __call__(self, path: str = "/", *, by: CachedFetch | None = None, **asking: Any) -> Outcome:
        address = canonical(path if "://" in path else self.site + path)
        options = Options(**{name: asking.pop(name) for name in tuple(asking) if name in Options.__dataclass_fields__})
        request = Request(url=address.url, host=address.host, options=options, **asking)
        return await (by or self.fetch)(request, timeout_s=5.0, sink=_lost, credit=an_allowance())

    async def page(self, path: str = "/", **asking: Any) -> Page:
        outcome = await self(path, **asking)
        assert isinstance(outcome, Page), outcome
        return outcome

    async def failure(self, path: str = "/", **asking: Any) -> Failure:
        outcome = await self(path, **asking)
        assert isinstance(outcome, Failure), outcome
        return outcome

    def answer(self, body: bytes | None = None, status: int = 200, /, **headers: str) -> web.Response:
        """With a Date by the test's clock; the body counts the requests unless it is given."""
        given = {"Date": self.date(), **{name.replace("_", "-"): value for name, value in headers.items()}}
        return web.Response(body=b"%d" % len(self.asked) if body is None else body, status=status, headers=given)

    def says_always(self, body: bytes | None = None, status: int = 200, /, **headers: str) -> None:
        self.says = lambda _: self.answer(body, status, **headers)

    def says_if_changed(self, body: bytes, confirming: Mapping[str, str] | None = None, /, **headers: str) -> None:
        """304 to whoever has the ETag or the date, with what is confirmed beside it."""

        def handler(request: web.Request) -> web.Response:
            has_it = request.headers.get("If-None-Match", "-") == headers.get("ETag")
            was_then = request.headers.get("If-Modified-Since", "-") == headers.get("Last_Modified")
            if has_it or was_then:
                return self.answer(b"", 304, **(headers if confirming is None else confirming))
            return self.answer(body, **headers)

        self.says = handler

    def date(self, after_s: float = 0.0) -> str:
        return formatdate(self.hand.now() + after_s, usegmt=True)

    @contextmanager
    def unasked(self) -> Iterator[None]:
        before = len(self.asked)
        yield
        assert len(self.asked) == before, "the site was asked"

    @contextmanager
    def asks(self, times: int = 1) -> Iterator[None]:
        before = len(self.asked)
        yield
        assert len(self.asked) - before == times


@asynccontextmanager
async def opened() -> AsyncIterator[Scene]:
    hand, asked = Hand(), list[web.Request]()
    client = Client(limits=Limits(user_agent=AGENT), now=hand.now)
    await client.open()
    app = web.Application()

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        return scene.says(request)

    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server:
        scene = Scene(str(server.make_url("")).rstrip("/"), client, hand, asked)
        try:
            yield scene
        finally:
            await client.close()


async def _lost(_: bytes) -> None: ...
