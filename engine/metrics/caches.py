"""Counts looks into the cache, level by level and kind by kind, and times some of them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial, wraps
from itertools import count
from time import perf_counter
from typing import ParamSpec, TypeVar

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from engine.metrics.catalogue import Catalogue

P = ParamSpec("P")
T = TypeVar("T")

SAMPLED = 64
"""One call of so many is timed where a call costs less than a microsecond."""


class CacheMetrics(Collector):
    """A key is `kind:rest`; its kind is its label. Looks are plain numbers, made into metrics when somebody looks."""

    def __init__(self, *, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._looks: dict[tuple[str, str], list[int]] = {}
        """Of a level and a kind: those that found nothing, and those that found something."""
        self.refused: Callable[[], None] = catalogue.cache_offers_dropped.inc
        catalogue.register(self)

    def looked(self, level: str, key: str, *, found: bool) -> None:
        looks = self._looks.get((level, key[: key.index(":")])) or self._begun(level, key)
        looks[found] += 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        for found, family in enumerate((self._catalogue.cache_misses(), self._catalogue.cache_hits())):
            for labels, looks in self._looks.items():
                if looks[found]:
                    family.add_metric(labels, looks[found])
            yield family

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

    def _begun(self, level: str, key: str) -> list[int]:
        self._catalogue.cache_hit_ratio.labels(level).set_function(partial(self._hit_ratio, level))
        return self._looks.setdefault((level, key[: key.index(":")]), [0, 0])

    def _hit_ratio(self, level: str) -> float:
        of_level = [looks for (each, _), looks in self._looks.items() if each == level]
        return sum(hits for _, hits in of_level) / max(sum(map(sum, of_level)), 1)
