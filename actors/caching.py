"""What a process keeps to answer it again, as the settings say."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import inf
from random import Random

from actors.cacher import Cacher
from config.settings import Settings
from engine.cache.answers import Answers
from engine.cache.asked import Asked
from engine.cache.coherent_store import CoherentStore
from engine.cache.level import Level
from engine.cache.memory import MemoryLevel
from engine.cache.read_through import ReadThrough, Terms
from engine.jobs.ports import JobStore
from engine.metrics.caches import CacheMetrics
from engine.runtime import Child, Mailbox

LISTS_PART, PAGES_PART = 1 / 8, 3 / 8
"""Of the memory; what is left is for answers about single jobs."""
LATE_S = 1.0
"""How long past its time a list still answers those who ask while one of them has it read anew."""
UNHEARD_S = 1.0
"""How long an answer about a job that is over is believed where other processes write and nobody hears of it."""
JUST_OVER = 1024
"""Jobs that wait for the cacher, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caching:
    """What is kept, and what keeps it true and fresh. A hearer of what other processes drop."""

    answers: Answers
    pages: MemoryLevel
    asked: Asked
    just_over: Mailbox[str]
    levels: Sequence[MemoryLevel]
    """All that is in this process's memory."""

    def narrow(self, part: float) -> None:
        """Keep no more than this part of what may be kept, until it is widened."""
        for level in self.levels:
            level.narrow(part)

    def widen(self) -> None:
        for level in self.levels:
            level.widen()

    @property
    def held_bytes(self) -> int:
        """By all that is kept in this process."""
        return sum(level.size_bytes for level in self.levels)

    def before(self, store: JobStore) -> CoherentStore:
        """The store for whoever writes."""
        return CoherentStore(store=store, written=self.answers.written, settled=self.asked.settled)

    def dropped(self, keys: Sequence[str]) -> None:
        self.answers.dropped(keys)
        for key in keys:
            self.pages.forget(key)

    def lost(self) -> None:
        self.answers.lost()
        self.pages.clear()

    def cacher(self, read: Callable[[str], Awaitable[object]]) -> Child[Cacher]:
        """`read` keeps what it reads."""
        return Child(name="cacher", build=lambda: Cacher(inbox=self.just_over, read=read))


def caching(
    settings: Settings,
    *,
    limit_bytes: int,
    now: Callable[[], float],
    watch: CacheMetrics,
    shared: Level | None = None,
) -> Caching:
    """`limit_bytes` holds for all of it, `now` is the store's time, `shared` is a level whose drops are heard."""
    just_over: Mailbox[str] = Mailbox("just_over", capacity=JUST_OVER)
    levels = jobs, lists, pages = _levels(settings, limit_bytes, now)
    watch.holds("memory", [lambda: jobs.size_bytes, lambda: lists.size_bytes, lambda: pages.size_bytes])
    is_told = settings.is_embedded or shared is not None
    terms = Terms(trusted_s=inf if is_told else UNHEARD_S, shared_s=settings.cache_default_ttl)
    return Caching(
        answers=Answers(
            jobs=ReadThrough(memory=jobs, shared=shared, terms=terms, now=now, watch=watch),
            lists=ReadThrough(memory=lists, terms=Terms(), now=now, watch=watch),
        ),
        pages=pages,
        asked=Asked(offer=just_over.offer, refused=watch.refused),
        just_over=just_over,
        levels=levels,
    )


def _levels(settings: Settings, whole: int, now: Callable[[], float]) -> tuple[MemoryLevel, MemoryLevel, MemoryLevel]:
    """For jobs, lists and pages."""
    draw = Random().random  # noqa: S311 - jitter
    lists, pages = int(whole * LISTS_PART), int(whole * PAGES_PART)

    def level(limit_bytes: int, late_s: float = 0.0) -> MemoryLevel:
        longest_s = settings.cache_memory_ttl
        return MemoryLevel(limit_bytes=limit_bytes, longest_s=longest_s, clock=now, draw=draw, late_s=late_s)

    return level(whole - lists - pages), level(lists, LATE_S), level(pages)
