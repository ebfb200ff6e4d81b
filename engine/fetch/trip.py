"""One attempt at one request: hop by hop to a page, and the time that it took the site.

What the sink takes, and what the credit does, is our time, not the site's: it stops the deadline and does not count.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import aiohttp

from engine.fetch.answer import Response
from engine.fetch.charset import charset_of
from engine.fetch.headers import cleaned, incoming
from engine.fetch.hop import REDIRECTS, Hop
from engine.fetch.intake import Body, unaffordable
from engine.fetch.limits import MAX_REDIRECTS
from engine.fetch.problem import ProblemError
from engine.fetch.reading import read_body
from engine.fetch.retry_after import retry_after_s
from engine.fetch.watch import Watch
from engine.jobs.mould import Mould
from engine.jobs.outcome import ErrorType, Failure, Page
from engine.jobs.ports import Credit, Sink
from engine.jobs.request import Request
from engine.jobs.stages import BODY, FIRST_BYTE, MEMORY, PERSISTING
from engine.runtime import TimeLimit

_PAGES = Mould(
    Page,
    (
        *("status_code", "final_url", "headers", "content_type", "charset", "body", "size", "elapsed_s", "chunks"),
        *("retry_after_s", "redirected", "times", "extraction", "from_cache"),
    ),
)
Ask = Callable[[Hop, aiohttp.CookieJar | None], Awaitable[Response]]


class Trip:
    """Cookies that a site sets on the way go along to the trip's end, and no further."""

    __slots__ = ("_ask", "_cookies", "_credit", "_deadline", "_hops", "_now", "_sink", "_watch")

    def __init__(
        self, *, ask: Ask, deadline: TimeLimit, sink: Sink, credit: Credit, watch: Watch, now: Callable[[], float]
    ) -> None:
        """`watch` measures time, `now` tells it in epoch seconds."""
        self._ask = ask
        self._deadline = deadline
        self._sink = sink
        self._credit = credit
        self._watch = watch
        self._now = now
        self._hops = 0
        self._cookies: aiohttp.CookieJar | None = None

    async def make(self, request: Request, *, follows: bool) -> Page:
        """Raises one of WEB_ERRORS."""
        hop = Hop.of(request)
        while True:
            response = await self._ask(hop, self._cookies)
            self._watch.turn(BODY)
            try:
                location = _location(response) if follows and response.status in REDIRECTS else None
                if location is None:
                    return self._page(response, hop, await read_body(response, request.options, self))
            finally:
                response.close()
            hop = self._onward(hop, response, location)

    async def pay(self, size: int) -> None:
        """For a body, before it is read."""
        credit = self._credit
        if size <= credit.held:
            return
        if size > credit.most:
            raise unaffordable(size, credit.most)
        with self._our_time(MEMORY):
            await credit.reach(size)

    async def keep(self, piece: bytes) -> None:
        with self._our_time(PERSISTING):
            await self._sink(piece)

    @contextmanager
    def _our_time(self, stage: int) -> Iterator[None]:
        self._watch.turn(stage)
        self._deadline.pause()
        try:
            yield
        finally:
            self._deadline.resume()
            self._watch.turn(BODY)

    def failure(self, problem: ProblemError) -> Failure:
        self._watch.turn(BODY)
        return Failure(
            error_type=problem.error_type,
            message=problem.message,
            may_have_left=problem.may_have_left or self._hops > 0,
            elapsed_s=self._watch.site_s,
            kept_waiting_s=self._watch.ours_s,
            times=self._watch.times,
        )

    def _onward(self, hop: Hop, response: Response, location: str) -> Hop:
        self._watch.turn(FIRST_BYTE)
        self._hops += 1
        if self._hops > MAX_REDIRECTS:
            raise ProblemError(ErrorType.TOO_MANY_REDIRECTS, f"redirected more than {MAX_REDIRECTS} times")
        given = response.headers.getall("set-cookie", [])
        if given:
            self._cookies = self._cookies or aiohttp.CookieJar(unsafe=True, quote_cookie=False)
            self._cookies.update_cookies_from_headers(given, hop.url)
        return hop.redirected(response.status, location)

    def _page(self, response: Response, hop: Hop, body: Body) -> Page:
        headers = response.headers
        kind = headers.get("content-type", "")
        kind = kind if kind.isascii() else cleaned(kind)
        retry_after = headers.get("retry-after")
        charset = charset_of(kind, body.start, is_whole=body.chunks is None)
        watch = self._watch
        watch.turn(BODY)
        return _PAGES.one(
            response.status,
            hop.address,
            incoming(headers),
            kind,
            charset,
            body.kept,
            body.size,
            watch.site_s,
            body.chunks,
            retry_after_s(retry_after, now=self._now()) if retry_after else None,
            self._hops > 0,
            watch.times,
            None,
            False,
        )


def _location(response: Response) -> str | None:
    """A redirect without one is a page."""
    return response.headers.get("location") or None
