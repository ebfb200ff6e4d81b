"""Connections that tell when they are made and when they end."""

from typing import Any

from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection

from engine.cache.redis.watch import Watch


class _Watched(AbstractConnection):
    def __init__(self, *, watch: Watch, **options: Any) -> None:
        super().__init__(**options)
        self._watch = watch

    async def _connect(self) -> None:
        await super()._connect()  # type: ignore[no-untyped-call,safe-super]  # the kind of connection comes next in the order
        self._watch.connected()

    async def disconnect(self, *args: Any, **options: Any) -> None:
        had_one = self.is_connected
        try:
            await super().disconnect(*args, **options)
        finally:
            if had_one and not self.is_connected:
                self._watch.disconnected()


class WatchedConnection(_Watched, Connection):
    """Over TCP."""


class WatchedTlsConnection(_Watched, SSLConnection):
    """Over TLS."""


class WatchedUnixConnection(_Watched, UnixDomainSocketConnection):
    """Over a socket of this machine."""


WATCHED: dict[type[AbstractConnection], type[_Watched]] = {
    Connection: WatchedConnection,
    SSLConnection: WatchedTlsConnection,
    UnixDomainSocketConnection: WatchedUnixConnection,
}


def watched(options: dict[str, Any], watch: Watch) -> dict[str, Any]:
    """The same connection, watched."""
    kind = WATCHED[options.get("connection_class", Connection)]
    return {**options, "connection_class": kind, "watch": watch}
