"""What other processes have dropped, heard over a connection of its own.

One that is silent is asked whether it still lives, so that a loss is noticed within a second.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from engine.cache.redis.bulletin import bulletin_of
from engine.cache.redis.notice import Notice
from engine.cache.redis.server import TROUBLE
from engine.runtime import Deadline, DeadlineExpired

BEGINS_WITHIN_S = 0.7
SILENCE_S = 0.4
PONG_WITHIN_S = 0.4
ENDS_WITHIN_S = 0.5


class Hearer(Protocol):
    """Is told while it is listened; must not raise."""

    def dropped(self, keys: Sequence[str]) -> None: ...
    def lost(self) -> None:
        """Anything may have been dropped and not been heard."""


class News:
    """Of one channel, without what this process said itself."""

    def __init__(self, *, connect: Callable[[], Redis], channel: str, origin: str, notice: Notice) -> None:
        self._connect = connect
        self._channel = channel
        self._origin = origin
        self._notice = notice

    async def follow(self, hearer: Hearer) -> None:
        """Returns when the connection is lost, or cannot be had. What went by before it began was not heard either."""
        client = self._connect()
        try:
            pubsub = client.pubsub()
            await self._begin(pubsub)
            hearer.lost()
            while True:
                self._pass_on(await self._next(pubsub), hearer)
        except (*TROUBLE, DeadlineExpired) as error:
            self._notice.tell(str(error))
        finally:
            hearer.lost()
            await _end(client)

    async def _begin(self, pubsub: PubSub) -> None:
        with Deadline(BEGINS_WITHIN_S):
            await pubsub.subscribe(self._channel)
            while (await pubsub.get_message(timeout=BEGINS_WITHIN_S) or {}).get("type") != "subscribe":
                pass

    async def _next(self, pubsub: PubSub) -> dict[str, Any]:
        message = await pubsub.get_message(timeout=SILENCE_S)
        if message is None:
            with Deadline(PONG_WITHIN_S):
                await pubsub.ping()
                while message is None:
                    message = await pubsub.get_message(timeout=PONG_WITHIN_S)
        return dict(message)

    def _pass_on(self, message: dict[str, Any], hearer: Hearer) -> None:
        if message["type"] != "message":
            return
        bulletin = bulletin_of(message["data"])
        if bulletin is None:
            hearer.lost()
        elif bulletin.origin != self._origin:
            hearer.dropped(bulletin.keys)


async def _end(client: Redis) -> None:
    """It is of no more use, whatever its end looks like."""
    try:
        with Deadline(ENDS_WITHIN_S):
            await client.connection_pool.disconnect()
    except (*TROUBLE, DeadlineExpired):
        pass
