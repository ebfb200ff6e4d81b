"""The Fetch port over aiohttp: connections that are kept between fetches, and one trip a fetch.

What the web does comes out as a Page or a Failure; only cancellation, and what the sink raises, goes up.
"""

from collections.abc import Callable
from functools import partial
from math import inf
from time import monotonic

import aiohttp
from multidict import CIMultiDict

from engine.fetch.answer import Response
from engine.fetch.connector import Connector
from engine.fetch.exchange import LOST, Exchange
from engine.fetch.failures import WEB_ERRORS, problem_of
from engine.fetch.headers import standing
from engine.fetch.hop import Hop
from engine.fetch.limits import MAX_HEADER_BYTES, READ_BYTES, Limits
from engine.fetch.problem import ProblemError
from engine.fetch.trip import Trip
from engine.fetch.watch import CURRENT, Watch
from engine.jobs.outcome import ErrorType, Outcome
from engine.jobs.ports import Credit, Sink
from engine.jobs.request import UNSAFE_METHODS, Request
from engine.runtime import Deadlines, TimeLimit

CONNECT_SHARE = 0.9
"""A connection gets at most this part of an attempt, so that what ran out of time unconnected is known as unsent."""


class Client:
    """Keeps connections and nothing else from one fetch to the next: no cookies, no credentials."""

    def __init__(self, *, limits: Limits, now: Callable[[], float], clock: Callable[[], float] = monotonic) -> None:
        """`now` in epoch seconds: a site may name the date until which it wants to be left alone."""
        self._limits = limits
        self._now = now
        self._clock = clock
        self._usual = _times(limits, limits.connect_s)

    async def open(self) -> None:
        self._deadlines = Deadlines()
        self._pool = _connector(self._limits, keeps_s=self._limits.keepalive_s)
        self._kept = _session(self._limits, self._pool)
        # A site may close a kept connection just as a request goes out: what must not be sent twice gets a new one.
        self._fresh = _session(self._limits, _connector(self._limits, keeps_s=0.0))
        self._fresh._retry_connection = False  # noqa: SLF001 - what it is asked for has been lost once, or is sent once
        self._exchange = Exchange(
            pool=self._pool,
            standing=standing(self._limits.user_agent),
            read_s=self._limits.read_s,
            times=self._times,
        )

    async def close(self) -> None:
        """Ends what is still open."""
        await self._kept.close()
        await self._fresh.close()

    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:
        deadline = TimeLimit(self._deadlines, timeout_s)
        watch = Watch(self._clock)
        ask = partial(self._ask, timeout_s, request.options.proxy, watch)
        trip = Trip(ask=ask, deadline=deadline, sink=sink, credit=credit, watch=watch, now=self._now)
        try:
            with deadline:
                return await trip.make(request, follows=self._limits.follow_redirects)
        except WEB_ERRORS as error:
            return trip.failure(problem_of(error))

    async def _ask(
        self, timeout_s: float, proxy: str | None, watch: Watch, hop: Hop, cookies: aiohttp.CookieJar | None
    ) -> Response:
        session = self._fresh if hop.method in UNSAFE_METHODS else self._kept
        answer: Response | None = None
        if proxy is None and cookies is None:
            try:
                answer = await self._exchange(hop, watch, timeout_s)
            except aiohttp.ClientConnectorError:  # one of LOST by its kind, but there was nothing to lose
                raise
            except LOST:
                session = self._fresh
        if answer is None:
            CURRENT.set(watch)
            answer = await self._by_session(session, timeout_s, proxy, hop, cookies)
        if answer.status < 200:
            answer.close()
            raise ProblemError(ErrorType.CONNECTION_LOST, f"the answer is not HTTP: its status is {answer.status}")
        return answer

    async def _by_session(
        self,
        session: aiohttp.ClientSession,
        timeout_s: float,
        proxy: str | None,
        hop: Hop,
        cookies: aiohttp.CookieJar | None,
    ) -> aiohttp.ClientResponse:
        return await session.request(
            hop.method,
            hop.url,
            headers=CIMultiDict(hop.headers, Connection="close") if self._pool.is_full else hop.headers,
            data=hop.body,
            cookies=cookies.filter_cookies(hop.url) if cookies else None,
            proxy=proxy,
            timeout=self._times(timeout_s),
            allow_redirects=False,
        )

    def _times(self, timeout_s: float) -> aiohttp.ClientTimeout:
        connect_s = min(self._limits.connect_s, timeout_s * CONNECT_SHARE)
        return self._usual if connect_s == self._usual.connect else _times(self._limits, connect_s)


def _times(limits: Limits, connect_s: float) -> aiohttp.ClientTimeout:
    """The whole attempt has a deadline of ours; aiohttp would round its own up to whole seconds."""
    return aiohttp.ClientTimeout(total=None, connect=connect_s, sock_read=limits.read_s, ceil_threshold=inf)


def _connector(limits: Limits, *, keeps_s: float) -> Connector:
    return Connector(verify_tls=limits.verify_tls, keeps_s=keeps_s, idle_hosts=limits.idle_hosts)


def _session(limits: Limits, connector: Connector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=standing(limits.user_agent),
        auto_decompress=False,
        read_bufsize=READ_BYTES,
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
    )
