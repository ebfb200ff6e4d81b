"""Makes connections, and turns the watch of the fetch that waits for one: name, TCP, TLS.

A connection that is kept comes by none of this. With several addresses tried side by side, TCP lasts until one of them
has answered.
"""

import asyncio
import encodings.idna  # noqa: F401 - the first connection asks for it, and would have the loop read it from the disk
import socket
import ssl
from functools import lru_cache, partial
from time import monotonic
from typing import Any

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import Connection
from yarl import URL

from engine.fetch.plain import PlainProtocol
from engine.fetch.watch import CURRENT
from engine.jobs.stages import CONNECT, DNS, FIRST_BYTE, TLS

CLOSED = "the client is closed"


class Connector(aiohttp.TCPConnector):
    """Without bounds of its own: fetches at once are bounded by who makes them.

    Who makes plain requests takes a kept connection and gives it back: by aiohttp that is a dozen calls and an object,
    for the sake of who waits for one, traces it or forgets it. Here nobody does.
    """

    def __init__(self, *, verify_tls: bool, keeps_s: float, idle_hosts: int) -> None:
        """Keeps an idle connection for `keeps_s`, 0 is not at all; `idle_hosts`: see `is_full`."""
        kept: dict[str, Any] = {"keepalive_timeout": keeps_s} if keeps_s > 0 else {"force_close": True}
        super().__init__(limit=0, ssl=tls_context(is_verified=verify_tls), socket_factory=_socket, **kept)
        self._keeps_s = keeps_s
        self._idle_hosts = idle_hosts
        self._factory = partial(PlainProtocol, self._loop)  # type: ignore[assignment]  # each of them is one of aiohttp's

    def take(self, key: ConnectionKey) -> PlainProtocol | None:
        """A connection that is open to there and that nobody uses; none while it is full."""
        kept = self._conns.get(key)
        if kept is None or len(self._conns) >= self._idle_hosts:
            return None
        found, oldest = None, monotonic() - self._keeps_s
        while kept and found is None:
            protocol, since = kept.popleft()
            if since >= oldest and isinstance(protocol, PlainProtocol) and protocol.is_free:
                found = protocol
                self._acquired.add(found)
            else:
                protocol.close()
        if not kept:
            del self._conns[key]
        return found

    async def dial(self, url: URL, times: aiohttp.ClientTimeout) -> PlainProtocol:
        """Takes a new connection to there. Raises what a session does of one that cannot be made."""
        if self._closed:
            raise aiohttp.ClientConnectionError(CLOSED)
        request = aiohttp.ClientRequest("GET", url, loop=self._loop)
        try:
            async with asyncio.timeout(times.connect):
                protocol = await self._create_connection(request, [], times)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"no connection to {url.host} in time") from error
        if self._closed:
            protocol.close()
            raise aiohttp.ClientConnectionError(CLOSED)
        self._acquired.add(protocol)
        return protocol

    def give_back(self, key: ConnectionKey, protocol: PlainProtocol) -> None:
        """What was taken, once its answer was read."""
        if self._cleanup_handle is None or self._closed or protocol.should_close:
            self._release(key, protocol)
        else:
            self._acquired.discard(protocol)
            self._conns[key].append((protocol, monotonic()))

    def drop(self, key: ConnectionKey, protocol: PlainProtocol) -> None:
        """What was taken is closed."""
        self._release(key, protocol, should_close=True)

    def lent(self, key: ConnectionKey, protocol: PlainProtocol) -> Connection:
        """What was taken, as aiohttp hands it out; it goes back by that."""
        return Connection(self, key, protocol, self._loop)

    async def _get(self, key: ConnectionKey, traces: list[Any]) -> Connection | None:
        """None of those over which something came that nobody had asked for: aiohttp takes it for the next answer."""
        while (found := await super()._get(key, traces)) is not None:
            if found.protocol is not None and not found.protocol.should_close:
                break
            found.close()
        return found

    @property
    def is_full(self) -> bool:
        """Are there idle connections to so many hosts? aiohttp tells nobody, and bounds none."""
        return len(self._conns) >= self._idle_hosts

    async def _create_connection(self, *args: Any, **kwargs: Any) -> PlainProtocol:
        watch = CURRENT.get()
        if watch is not None:
            watch.turn(DNS)
        made: PlainProtocol = await super()._create_connection(*args, **kwargs)  # type: ignore[assignment]  # see `_factory`
        if watch is not None:
            watch.turn(FIRST_BYTE)
        return made

    async def _wrap_create_connection(
        self, *args: Any, addr_infos: list[AddrInfoType], **kwargs: Any
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """One address is dialled by the loop itself: told to connect a socket, uvloop has a thread look it up first."""
        if len(addr_infos) != 1:
            return await super()._wrap_create_connection(*args, addr_infos=addr_infos, **kwargs)
        try:
            _dials(addr_infos[0])
        except OSError as error:
            failed = kwargs.get("client_error", aiohttp.ClientConnectorError)
            raise failed(kwargs["req"].connection_key, error) from error
        family, _, _, _, (host, port, *_) = addr_infos[0]
        return await self._wrap_existing_connection(
            *args, host=host, port=port, family=family, flags=socket.AI_NUMERICHOST, **kwargs
        )


class WatchedTls(ssl.SSLObject):
    """One side of TLS, as a context hands it out."""

    def do_handshake(self) -> None:
        """Called as often as the handshake needs."""
        if watch := CURRENT.get():
            watch.turn_while_connecting(TLS)
        super().do_handshake()


@lru_cache(maxsize=2)
def tls_context(*, is_verified: bool) -> ssl.SSLContext:
    """Kept, for it reads all certificates of the system."""
    context = ssl.create_default_context()
    if not is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(("http/1.1",))
    context.sslobject_class = WatchedTls
    return context


def _dials(address: AddrInfoType) -> None:  # noqa: ARG001 - here each comes by, whatever name it is of
    """Called with each address before it is dialled; an OSError forbids it, and the next one is tried."""
    if watch := CURRENT.get():
        watch.turn_while_connecting(CONNECT)


def _socket(address: AddrInfoType) -> socket.socket:
    _dials(address)
    family, kind, protocol, _, _ = address
    return socket.socket(family, kind, protocol)
