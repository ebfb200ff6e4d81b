"""Many servers that share the keys by slots, and take over from each other.

The client is not mended but replaced: a probe makes a new one, which learns the layout from one of the nodes that were
told or were known last, whoever answers first, and takes the old one's place when all masters answer.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from random import choice, sample
from typing import Any

from redis.asyncio import ConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ClusterDownError

from engine.cache.redis.connections import watched
from engine.cache.redis.options import Options
from engine.cache.redis.server import TROUBLE, Kept, gone, sound
from engine.cache.redis.watch import Watch
from engine.runtime import Deadline, DeadlineExpired

Place = tuple[str, int]

NODE_WITHIN_S = 1.0
"""What one node may take of a probe: others may know better."""


class Cluster:
    """Nobody is reached before the first probe."""

    def __init__(self, *, options: Options, watch: Watch) -> None:
        self._watch = watch
        self._max_connections = options.max_connections
        connection = options.connection(options.urls[0])
        self._told = tuple(_place(options.connection(url)) for url in options.urls)
        self._connection = {name: value for name, value in connection.items() if name not in {"host", "port", "db"}}
        self._client: RedisCluster | None = None

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        return await self._at_once([("GET", key) for key in keys])

    async def put(self, kept: Sequence[Kept]) -> None:
        await self._at_once([each.command for each in kept])

    async def drop(self, keys: Sequence[str], *, channel: str, message: bytes) -> None:
        await self._at_once([gone(key).command for key in keys])
        await self._reached.execute_command("PUBLISH", channel, message)

    async def probe(self) -> None:
        before, self._client = self._client, await self._found()
        if before is not None:
            await _end(before)

    def subscriber(self) -> Redis:
        host, port = choice(self._places())  # noqa: S311 - any will do
        return Redis(connection_pool=ConnectionPool(max_connections=1, host=host, port=port, **self._connection))

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await _end(client)

    @property
    def _reached(self) -> RedisCluster:
        if self._client is None:
            raise ClusterDownError("nobody was reached yet")
        return self._client

    def _places(self) -> list[Place]:
        known = self._client.get_nodes() if self._client is not None else ()
        return list(dict.fromkeys([*((node.host, int(node.port)) for node in known), *self._told]))

    async def _found(self) -> RedisCluster:
        """Raises what the last one failed with."""
        places = self._places()
        trouble: Exception = ClusterDownError("nobody is named")
        for place in sample(places, len(places)):
            try:
                return await self._learnt(place)
            except (*TROUBLE, DeadlineExpired) as error:
                trouble = error
        raise ClusterDownError(str(trouble)) from trouble

    async def _learnt(self, place: Place) -> RedisCluster:
        async with AsyncExitStack() as stack:
            client = self._built(place)
            stack.push_async_callback(_end, client)
            with Deadline(NODE_WITHIN_S):
                await client.initialize()
            for node in client.get_primaries():
                with Deadline(NODE_WITHIN_S):
                    await node.execute_command("PING")
            stack.pop_all()
        return client

    def _built(self, place: Place) -> RedisCluster:
        """Tries nothing again by itself and mends nothing: whatever fails shows, and the next probe looks again."""
        options = dict(self._connection)
        kind = options.pop("connection_class", None)
        client = RedisCluster(
            startup_nodes=[ClusterNode(*place)],
            max_connections=self._max_connections,
            retry=Retry(NoBackoff(), 0),
            reinitialize_steps=0,
            ssl=kind is not None,
            **options,
        )
        self._watch_over(client)
        return client

    def _watch_over(self, client: RedisCluster) -> None:
        """Nodes that are found later are made of the same options; it takes no kind of connection as an argument."""
        marked = watched(client.connection_kwargs, self._watch)
        client.connection_kwargs.update(marked)
        for node in client.nodes_manager.startup_nodes.values():
            node.connection_class = marked["connection_class"]
            node.connection_kwargs["watch"] = self._watch

    async def _at_once(self, commands: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        pipeline = self._reached.pipeline()
        for command in commands:
            pipeline.execute_command(*command)
        self._watch.piped()
        return sound(await pipeline.execute(raise_on_error=False))


def _place(connection: dict[str, Any]) -> Place:
    return connection.get("host", "localhost"), connection.get("port", 6379)


async def _end(client: RedisCluster) -> None:
    """A client that has not learnt the layout counts itself as closed, its connections notwithstanding."""
    await client.aclose()
    await client.nodes_manager.aclose()
    await client.nodes_manager.aclose("startup_nodes")
