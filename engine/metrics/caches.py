"""Counts looks into the cache, level by level and kind by kind, and times some of them."""

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from itertools import count
from time import perf_counter
from typing import ParamSpec, TypeVar

from prometheus_async.aio import time as timed

from engine.metrics.catalogue import Catalogue

P = ParamSpec("P")
T = TypeVar("T")

SAMPLED = 64
"""One call of so many is timed where a call costs less than a microsecond."""


class CacheMetrics:
    """A key is `kind:rest`; its kind is its label."""

    def __init__(self, *, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._counters: dict[tuple[str, str, bool], Callable[[], None]] = {}
        self._figures: dict[str, list[int]] = {}
        self.refused: Callable[[], None] = catalogue.cache_offers_dropped.inc

    def looked(self, level: str, key: str, *, found: bool) -> None:
        kind = key[: key.index(":")]
        counter = self._counters.get((level, kind, found)) or self._counter(level, kind, found=found)
        counter()
        self._figures[level][found] += 1

    def sampled(self, operation: str, level: str, act: Callable[P, T]) -> Callable[P, T]:
        """The same act; one of some calls is timed."""
        observe = self._catalogue.cache_operation_duration.labels(operation, level).observe
        turn = count()

        @wraps(act)
        def done(*args: P.args, **kwargs: P.kwargs) -> T:
            if next(turn) % SAMPLED:
                return act(*args, **kwargs)
            began = perf_counter()
            try:
                return act(*args, **kwargs)
            finally:
                observe(perf_counter() - began)

        return done

    def holds(self, level: str, sizes_bytes: Sequence[Callable[[], int]]) -> None:
        """How large a level's parts are is asked at each scrape."""
        self._catalogue.cache_size.labels(level).set_function(lambda: sum(size() for size in sizes_bytes))

    def timed(self, operation: str, level: str, act: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        return timed(self._catalogue.cache_operation_duration.labels(operation, level))(act)

    def _counter(self, level: str, kind: str, *, found: bool) -> Callable[[], None]:
        if level not in self._figures:
            figures = self._figures[level] = [0, 0]
            self._catalogue.cache_hit_ratio.labels(level).set_function(lambda: figures[True] / max(sum(figures), 1))
        family = self._catalogue.cache_hits if found else self._catalogue.cache_misses
        counter = self._counters[level, kind, found] = family.labels(level, kind).inc
        return counter
