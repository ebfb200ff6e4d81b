"""Opens the level of the cache that processes share, and names the actors it needs, as the settings say.

Where they name no Redis, nothing of it is imported.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any, Protocol

from actors.subscriber import Hearer, News, Subscriber
from actors.tender import Tended, Tender
from config.settings import Settings
from engine.cache.level import Level
from engine.metrics.catalogue import Catalogue
from engine.metrics.redis import RedisMetrics
from engine.runtime import Child


class SharedLevel(Level, Tended, Protocol):
    """Out of order until it is tended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    level: SharedLevel
    news: News

    def children(self, hearer: Hearer) -> tuple[Child[Any], ...]:
        """`hearer` is told what others drop."""
        return (
            Child(name="tender", build=lambda: Tender(level=self.level)),
            Child(name="subscriber", build=lambda: Subscriber(news=self.news, hearer=hearer)),
        )


@asynccontextmanager
async def sharing(
    settings: Settings, *, owner: str, catalogue: Catalogue, say: Callable[[str], None]
) -> AsyncIterator[Sharing | None]:
    """None where the settings name no Redis. `say` is told what is wrong, at most once a minute."""
    if not settings.has_redis:
        yield None
        return
    shared = _opened(settings, owner, RedisMetrics(catalogue=catalogue), say)
    try:
        yield shared
    finally:
        await shared.level.close()


def _opened(settings: Settings, owner: str, watch: RedisMetrics, say: Callable[[str], None]) -> Sharing:
    from engine.cache.redis import READ_WITHIN_S, WRITE_WITHIN_S, Measures, Options, open_redis  # noqa: PLC0415 - see above

    options = Options(
        urls=settings.redis_cluster_urls or (settings.redis_url or "",),
        is_cluster=bool(settings.redis_cluster_urls),
        max_connections=settings.redis_max_connections,
        connect_timeout_s=settings.redis_socket_connect_timeout,
        keepalive=settings.redis_socket_keepalive,
        health_check_s=settings.redis_health_check_interval,
        retries_on_timeout=settings.redis_retry_on_timeout,
    )
    measures = Measures(
        prefix=settings.cache_redis_prefix,
        origin=owner,
        probe_within_s=settings.redis_socket_connect_timeout + settings.redis_socket_timeout,
        read_within_s=min(READ_WITHIN_S, settings.redis_socket_timeout),
        write_within_s=min(WRITE_WITHIN_S, settings.redis_socket_timeout),
        clock=monotonic,
        draw=Random().random,  # noqa: S311 - jitter
    )
    opened = open_redis(
        options, measures=measures, compress_over_bytes=settings.compress_over_bytes, watch=watch, say=say
    )
    return Sharing(level=opened.level, news=opened.news)
