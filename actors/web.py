"""The way to the web, as the settings say: extraction from pages, that were kept or are fetched by one client."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import time

from config.settings import Settings
from engine.cache.level import Level
from engine.cache.pages.cached_fetch import CachedFetch, Finding
from engine.cache.pages.shelf import Near, Shelf
from engine.fetch.client import Client
from engine.fetch.content import target_of
from engine.fetch.extracting import Extract, Extracting
from engine.fetch.headers import standing
from engine.fetch.limits import Limits
from engine.jobs.ports import Fetch
from engine.runtime import Threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where pages are kept, who hears of looks for them, and for how many seconds a stale one is kept."""

    near: Near
    """A look costs about a microsecond."""
    far: Level | None = None
    """A look costs a round trip."""
    tell: Callable[[Finding], None] = lambda _: None
    stale_s: float = 3600.0


@asynccontextmanager
async def web(settings: Settings, *, kept: Kept, now: Callable[[], float]) -> AsyncIterator[Fetch]:
    """`now` is the store's time: all who share the store and the far level should tell a page's age by one clock."""
    limits = Limits(
        user_agent=settings.user_agent,
        keepalive_s=settings.http_keepalive_expiry,
        verify_tls=settings.http_verify_ssl,
        follow_redirects=settings.http_follow_redirects,
    )
    client, extraction = Client(limits=limits, now=time), Threads("extract", 1)
    caching = CachedFetch(
        fetch=client,
        shelf=Shelf(near=kept.near, far=kept.far, stale_s=kept.stale_s),
        target=target_of,
        standing=standing(limits.user_agent),
        now=now,
        tell=kept.tell,
    )
    await client.open()
    try:
        yield Extracting(fetch=caching, call=extraction, load=_extraction)
    finally:
        await client.close()
        await extraction.close()


def _extraction() -> Extract:
    from engine.fetch.extraction import extract  # noqa: PLC0415 - no parser is loaded before a page needs one

    return extract
