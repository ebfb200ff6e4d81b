"""The level of the cache that a fleet shares: one Redis, or a cluster of them.

redis-py is used directly, with hiredis; what speaks to a server is single.py and cluster.py.
"""

from collections.abc import Callable
from dataclasses import dataclass

from engine.cache.redis.cluster import Cluster
from engine.cache.redis.frames import Frames
from engine.cache.redis.gate import Gate
from engine.cache.redis.level import READ_WITHIN_S, WRITE_WITHIN_S, Measures, RedisLevel
from engine.cache.redis.news import Hearer, News
from engine.cache.redis.notice import Notice
from engine.cache.redis.options import Options
from engine.cache.redis.server import Server
from engine.cache.redis.single import Single
from engine.cache.redis.watch import Watch

__all__ = [
    "READ_WITHIN_S",
    "WRITE_WITHIN_S",
    "Hearer",
    "Measures",
    "News",
    "Options",
    "RedisLevel",
    "Shared",
    "Watch",
    "open_redis",
]

MOST_BYTES = 1024 * 1024
"""Longer values are not kept: they would hold up the shorter ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The level, which is out of order until somebody tends it, and the news of what others dropped in it."""

    level: RedisLevel
    news: News


def open_redis(
    options: Options,
    *,
    measures: Measures,
    compress_over_bytes: int | None,
    watch: Watch,
    say: Callable[[str], None],
) -> Shared:
    """Asks nobody yet. `say` is told what is wrong, at most once a minute."""
    server: Server = (
        Cluster(options=options, watch=watch) if options.is_cluster else Single(options=options, watch=watch)
    )
    notice = Notice(say=say, clock=measures.clock)
    level = RedisLevel(
        server=server,
        gate=Gate(options.max_connections),
        frames=Frames(over_bytes=compress_over_bytes, most_bytes=MOST_BYTES),
        measures=measures,
        watch=watch,
        notice=notice,
    )
    news = News(connect=server.subscriber, channel=measures.channel, origin=measures.origin, notice=notice)
    return Shared(level=level, news=news)
