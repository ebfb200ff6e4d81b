"""A plain request over a connection: written in one piece, its answer read with no more ado than it needs.

aiohttp's session does much for each request that a plain one does not need (cookies, proxies, redirects, traces, a body
to write): without it such a page takes the client half the time. What goes over the wire is the same to the byte.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import aiohttp
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.http import HttpProcessingError
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from engine.fetch.answer import Answer, Content, Headers, Whole
from engine.fetch.connector import Connector
from engine.fetch.hop import Hop
from engine.fetch.plain import PlainProtocol
from engine.fetch.watch import CURRENT, Watch

METHODS = frozenset({"GET", "HEAD"})
LOST = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)
"""What a connection brings that its site closed before it answered: a kept one maybe before it saw the request."""
ORIGINS = 1024
"""Whose places are kept."""
SCHEMES = "http://", "https://"
LONGEST_SCHEME = max(map(len, SCHEMES))
"""Of a URL with http it reaches into the host, which has one character at least."""


class Place(NamedTuple):
    """An origin as a pool knows it, and as a request names it."""

    key: ConnectionKey
    host: str


class Exchange:
    """Over the connections of one pool."""

    def __init__(
        self,
        *,
        pool: Connector,
        standing: Mapping[str, str],
        read_s: float | None,
        times: Callable[[float], aiohttp.ClientTimeout],
    ) -> None:
        """`standing` are the headers of each request; `times` are a connection's, by the seconds of an attempt."""
        self._pool = pool
        told = [*standing.items(), *([("Connection", "close")] if pool.force_close else [])]
        self._headers = "".join(f"\r\n{name}: {value}" for name, value in told) + "\r\n\r\n"
        self._read_s = read_s
        self._times = times

    async def __call__(self, hop: Hop, watch: Watch, timeout_s: float) -> Answer | Whole | None:
        """None where the pool is full, or the request is not plain HTTP. Raises one of LOST, and as a session."""
        begin = hop.address.find("/", LONGEST_SCHEME)
        if hop.headers or hop.method not in METHODS or begin < 0:
            return None
        place = _place(hop.address[:begin])
        protocol = self._pool.take(place.key)
        if protocol is None:
            if self._pool.is_full or not hop.address.startswith(SCHEMES):
                return None
            CURRENT.set(watch)
            protocol = await self._pool.dial(hop.url, self._times(timeout_s))
        head = f"{hop.method} {hop.address[begin:]} HTTP/1.1\r\nHost: {place.host}{self._headers}".encode()
        try:
            if hop.method == "HEAD" or self._read_s is not None:
                protocol.send(head, has_body=hop.method != "HEAD", read_s=self._read_s)
                plain = None
            else:
                plain = await protocol.ask(head)
            if isinstance(plain, Whole):
                self._pool.give_back(place.key, protocol)
                return plain
            heard = await _parsed(protocol, hop) if plain is None else (plain.status, plain.headers, plain)
        except BaseException:
            self._pool.drop(place.key, protocol)
            raise
        status, headers, content = heard
        connection = self._pool.lent(place.key, protocol)
        return Answer(connection=connection, method=hop.method, status=status, headers=headers, content=content)


async def _parsed(protocol: PlainProtocol, hop: Hop) -> tuple[int, Headers, Content]:
    """By aiohttp: status, headers and body."""
    while True:
        try:
            message, content = await protocol.read()
        except HttpProcessingError as error:
            raise _unreadable(hop, error) from error
        if not 100 <= message.code < 200 or message.code == 101:
            return message.code, message.headers, content


@lru_cache(maxsize=ORIGINS)
def _place(origin: str) -> Place:
    url = URL(origin, encoded=True)
    key = ConnectionKey(url.raw_host or "", url.port, url.scheme == "https", True, None, None, None)
    return Place(key, url.host_port_subcomponent or "")


def _unreadable(hop: Hop, error: HttpProcessingError) -> aiohttp.ClientResponseError:
    """As a session says it."""
    info = aiohttp.RequestInfo(hop.url, hop.method, CIMultiDictProxy(CIMultiDict(hop.headers)), hop.url)
    return aiohttp.ClientResponseError(info, (), status=error.code, message=error.message, headers=error.headers)
