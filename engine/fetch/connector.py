"""Makes connections, and turns the watch of the fetch that waits for one: name, TCP, TLS.

A connection that is kept comes by none of this. With several addresses tried side by side, TCP lasts until one of them
has answered.
"""

import socket
import ssl
from functools import lru_cache, partial
from typing import Any

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import Connection

from engine.fetch.plain import PlainProtocol
from engine.fetch.watch import CURRENT
from engine.jobs.stages import CONNECT, DNS, FIRST_BYTE, TLS


class Connector(aiohttp.TCPConnector):
    """Without bounds of its own: fetches at once are bounded by who makes them."""

    def __init__(self, *, verify_tls: bool, **options: Any) -> None:
        super().__init__(limit=0, ssl=tls_context(is_verified=verify_tls), socket_factory=_socket, **options)
        self._factory = partial(PlainProtocol, self._loop)  # type: ignore[assignment]  # each of them is one of aiohttp's

    async def kept(self, key: ConnectionKey) -> Connection | None:
        """One that is open to there and that nobody uses."""
        return await self._get(key, [])

    async def _get(self, key: ConnectionKey, traces: list[Any]) -> Connection | None:
        """None of those over which something came that nobody had asked for: aiohttp takes it for the next answer."""
        while (found := await super()._get(key, traces)) is not None:
            if found.protocol is not None and not found.protocol.should_close:
                break
            found.close()
        return found

    @property
    def hosts(self) -> int:
        """To how many there are such connections; aiohttp tells nobody, and bounds none."""
        return len(self._conns)

    async def _create_connection(self, *args: Any, **kwargs: Any) -> ResponseHandler:
        watch = CURRENT.get()
        if watch is None:
            return await super()._create_connection(*args, **kwargs)
        watch.turn(DNS)
        connection = await super()._create_connection(*args, **kwargs)
        watch.turn(FIRST_BYTE)
        return connection


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


def _socket(address: AddrInfoType) -> socket.socket:
    if watch := CURRENT.get():
        watch.turn_while_connecting(CONNECT)
    family, kind, protocol, _, _ = address
    return socket.socket(family, kind, protocol)
