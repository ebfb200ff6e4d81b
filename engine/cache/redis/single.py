"""One server."""

from collections.abc import Sequence
from typing import Any, cast

from redis.asyncio import ConnectionPool, Redis

from engine.cache.redis.connections import watched
from engine.cache.redis.options import Options
from engine.cache.redis.server import Kept, gone, sound
from engine.cache.redis.watch import Watch


class Single:
    """Its pool holds as many connections as there may be; who asks keeps to that number."""

    def __init__(self, *, options: Options, watch: Watch) -> None:
        self._watch = watch
        self._connection = options.connection(options.urls[0])
        self._client = Redis(
            connection_pool=ConnectionPool(
                max_connections=options.max_connections,
                retry_on_timeout=options.retries_on_timeout,
                **watched(self._connection, watch),
            )
        )

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        return cast("list[bytes | None]", await self._client.mget(keys))  # nothing is decoded

    async def put(self, kept: Sequence[Kept]) -> None:
        await self._at_once([each.command for each in kept])

    async def drop(self, keys: Sequence[str], *, channel: str, message: bytes) -> None:
        await self._at_once([*(gone(key).command for key in keys), ("PUBLISH", channel, message)])

    async def probe(self) -> None:
        """Over a new connection, as all are after it: those from before may lead nowhere."""
        await self._client.connection_pool.disconnect()
        await self._client.execute_command("PING")  # type: ignore[no-untyped-call]

    def subscriber(self) -> Redis:
        return Redis(connection_pool=ConnectionPool(max_connections=1, **self._connection))

    async def close(self) -> None:
        await self._client.connection_pool.aclose()

    async def _at_once(self, commands: Sequence[tuple[Any, ...]]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        self._watch.piped()
        sound(await pipeline.execute(raise_on_error=False))
