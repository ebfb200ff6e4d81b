"""What a process keeps to answer it again, as the settings say."""

from collections.abc import Awaitable, Callable
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

LISTS_PART = 8
"""One part of so many of the memory is for lists and figures, the others for answers about single jobs."""
UNHEARD_S = 1.0
"""How long an answer about a job that is over is believed where other processes write and nobody hears of it."""
JUST_OVER = 1024
"""Jobs that wait for the cacher, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caching:
    """The answers that are kept, and what keeps them true and fresh."""

    answers: Answers
    asked: Asked
    just_over: Mailbox[str]

    def before(self, store: JobStore) -> CoherentStore:
        """The store for whoever writes."""
        return CoherentStore(store=store, written=self.answers.written, settled=self.asked.settled)

    def cacher(self, read: Callable[[str], Awaitable[object]]) -> Child[Cacher]:
        """`read` keeps what it reads."""
        return Child(name="cacher", build=lambda: Cacher(inbox=self.just_over, read=read))


def caching(
    settings: Settings, *, now: Callable[[], float], watch: CacheMetrics, shared: Level | None = None
) -> Caching:
    """`now` is the store's time; `shared` is a level whose drops are heard."""
    just_over: Mailbox[str] = Mailbox("just_over", capacity=JUST_OVER)
    return Caching(
        answers=_answers(settings, now, watch, shared),
        asked=Asked(offer=just_over.offer, refused=watch.refused),
        just_over=just_over,
    )


def _answers(settings: Settings, now: Callable[[], float], watch: CacheMetrics, shared: Level | None) -> Answers:
    draw = Random().random  # noqa: S311 - jitter
    lists_bytes = settings.cache_max_memory_size // LISTS_PART

    def memory(limit_bytes: int) -> MemoryLevel:
        return MemoryLevel(limit_bytes=limit_bytes, longest_s=settings.cache_memory_ttl, clock=now, draw=draw)

    jobs, lists = memory(settings.cache_max_memory_size - lists_bytes), memory(lists_bytes)
    watch.holds("memory", [lambda: jobs.size_bytes, lambda: lists.size_bytes])
    is_told = settings.is_embedded or shared is not None
    terms = Terms(trusted_s=inf if is_told else UNHEARD_S, shared_s=settings.cache_default_ttl)
    return Answers(
        jobs=ReadThrough(memory=jobs, shared=shared, terms=terms, now=now, watch=watch),
        lists=ReadThrough(memory=lists, terms=Terms(), now=now, watch=watch),
    )
