"""The metrics that a cluster's adapter would bring, asked of a Prometheus, or without one of the processes themselves.

Both give the same number for the same pages: of a figure of the whole store the largest that any process tells.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import isnan
from typing import Protocol

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from perf.servers.prometheus import Prometheus, a_prometheus

ANSWERS_WITHIN = aiohttp.ClientTimeout(total=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A series, and what it is taken for at most."""

    series: str
    most: float

    @property
    def query(self) -> str:
        """Not known is NaN, and left out."""
        return f"clamp_max(max({self.series} >= 0), {self.most:g})"

    def of(self, pages: Sequence[str]) -> float | None:
        told = [value for page in pages for value in _values(page, self.series) if not isnan(value)]
        return min(max(told), self.most) if told else None


FIGURES: Mapping[str, Figure] = {
    "cfscraper_backlog_seconds": Figure(series="backlog_seconds", most=3600.0),
    "cfscraper_queue_size": Figure(series="job_queue_size", most=1e12),
}
"""By the names that autoscalers use."""


class Gauges(Protocol):
    """Where a metric is asked for."""

    async def value(self, name: str) -> float | None:
        """None where nobody knows it."""
        ...


class Asked:
    """Of a Prometheus, which is told first if the processes are others."""

    def __init__(self, *, prometheus: Prometheus, urls: Callable[[], Sequence[str]]) -> None:
        self._prometheus = prometheus
        self._urls = urls
        self._scraped: Sequence[str] = ()

    async def value(self, name: str) -> float | None:
        figure, urls = FIGURES.get(name), self._urls()
        if urls != self._scraped:
            self._prometheus.scrapes(urls)
            self._scraped = urls
        try:
            return await self._prometheus.value(figure.query) if figure else None
        except (aiohttp.ClientError, TimeoutError):
            return None


class Scraped:
    """Of each process, now."""

    def __init__(self, *, urls: Callable[[], Sequence[str]], client: aiohttp.ClientSession) -> None:
        self._urls = urls
        self._client = client

    async def value(self, name: str) -> float | None:
        figure = FIGURES.get(name)
        pages = await asyncio.gather(*(self._page(url) for url in self._urls())) if figure else ()
        return figure.of(pages) if figure else None

    async def _page(self, url: str) -> str:
        try:
            async with self._client.get(f"{url}/metrics") as answer:
                return await answer.text() if answer.ok else ""
        except (aiohttp.ClientError, TimeoutError):
            return ""


@asynccontextmanager
async def gauges(*, every_s: float | None, urls: Callable[[], Sequence[str]]) -> AsyncIterator[Gauges]:
    """Without a pace there is no Prometheus."""
    if every_s is None:
        async with aiohttp.ClientSession(timeout=ANSWERS_WITHIN) as client:
            yield Scraped(urls=urls, client=client)
    else:
        async with a_prometheus(every_s=every_s) as prometheus:
            yield Asked(prometheus=prometheus, urls=urls)


def _values(page: str, series: str) -> list[float]:
    families = text_string_to_metric_families(page)
    return [sample.value for family in families for sample in family.samples if sample.name == series]
