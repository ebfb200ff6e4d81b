"""What the level asks of a server, or of many in a cluster. Whatever goes wrong is one of TROUBLE."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import ClusterError, RedisClusterException, RedisError, ResponseError

GONE = b"\x02"
GONE_MS = 2000
"""Longer than a load that is shared and its way here take together: read_through.BRIEF_S and level.WRITE_WITHIN_S."""
TROUBLE = (RedisError, RedisClusterException, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A frame under a key, for so many milliseconds."""

    key: str
    frame: bytes
    ttl_ms: int
    yields: bool = False
    """Only where there is nothing."""

    @property
    def command(self) -> tuple[str | bytes | int, ...]:
        return ("SET", self.key, self.frame, "PX", self.ttl_ms, *(("NX",) if self.yields else ()))


def gone(key: str) -> Kept:
    """In place of what was dropped, until all that was read before is on its way no more."""
    return Kept(key=key, frame=GONE, ttl_ms=GONE_MS)


class Server(Protocol):
    """All keys of a call are asked for in one round trip; in a cluster, in one to each node that has some of them."""

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]: ...
    async def put(self, kept: Sequence[Kept]) -> None: ...
    async def drop(self, keys: Sequence[str], *, channel: str, message: bytes) -> None:
        """Forgets the keys, and only then tells the channel."""

    async def probe(self) -> None:
        """Returns if all that has to answer does; nobody else asks anything meanwhile."""

    def subscriber(self) -> Redis:
        """A client of its own, to be closed by who asked for it, to any node there is."""

    async def close(self) -> None: ...


def sound(answers: Sequence[Any]) -> Sequence[Any]:
    """Raises the first error among the answers, one of the server's health before a mere refusal."""
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    if errors:
        raise min(errors, key=is_refusal)
    return answers


def is_refusal(error: Exception) -> bool:
    """It answered: this it will not do, other things it may."""
    return isinstance(error, ResponseError) and not isinstance(error, ClusterError)
