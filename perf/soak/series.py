"""What a daemon under load shows, sampled: its memory by the kernel, the rest by its own metrics."""

import asyncio
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from time import perf_counter

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

EVERY_S = 0.5
RSS = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
SHOWN = {
    "credits_bytes": 'memory_usage_bytes{type="credits"}',
    "level": "memory_level",
    "width": "fetch_connection_pool_size",
    "attempts": "scraper_requests_total",
}
"""Our names for what is read, and the metrics' own; one with labels that are not named is the sum of all."""


@dataclass(slots=True)
class Series:
    """Points of one soak: seconds since its start, and what was seen then."""

    seconds: list[float] = field(default_factory=list)
    rss_bytes: list[int] = field(default_factory=list)
    shown: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SHOWN})
    peak_bytes: int = 0
    """The most it ever held, as the kernel counts it: between two samples, too."""

    def add(self, at: float, status: str, metrics: dict[str, float]) -> None:
        self.seconds.append(at)
        self.rss_bytes.append(_kib(RSS, status) * 1024)
        self.peak_bytes = max(self.peak_bytes, _kib(PEAK, status) * 1024)
        for name, points in self.shown.items():
            points.append(metrics.get(SHOWN[name], nan))

    def pages_a_second(self) -> list[float]:
        """Between each sample and the one before."""
        attempts = self.shown["attempts"]
        steps = zip(self.seconds, self.seconds[1:], attempts, attempts[1:], strict=False)
        return [0.0, *(max(more - few, 0.0) / (late - early) for early, late, few, more in steps)]

    def rate_over(self, seconds: float) -> float:
        """Pages a second in the last so many."""
        since = bisect_left(self.seconds, self.seconds[-1] - seconds)
        took_s = self.seconds[-1] - self.seconds[since]
        attempts = self.shown["attempts"]
        return max(attempts[-1] - attempts[since], 0.0) / took_s if took_s else 0.0


async def watch(series: Series, *, pid: int, url: str, client: aiohttp.ClientSession) -> None:
    """Samples until it is cancelled, or the process is gone. One that has no time to answer is seen by the kernel."""
    began, metrics = perf_counter(), dict[str, float]()
    while True:
        try:
            async with client.get(f"{url}/metrics", timeout=aiohttp.ClientTimeout(total=EVERY_S)) as answer:
                metrics = read(await answer.text())
        except (aiohttp.ClientError, TimeoutError):
            pass
        try:
            series.add(perf_counter() - began, _status(pid), metrics)
        except (OSError, AttributeError):  # it has just ended
            return
        await asyncio.sleep(EVERY_S)


def _status(pid: int) -> str:
    """As the kernel tells it, at once."""
    return Path(f"/proc/{pid}/status").read_text()


def read(text: str) -> dict[str, float]:
    """Of Prometheus text: each value by its name and labels, and the sum of each name's."""
    found: dict[str, float] = {}
    for sample in (sample for family in text_string_to_metric_families(text) for sample in family.samples):
        found[sample.name] = found.get(sample.name, 0.0) + sample.value
        if sample.labels:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def _kib(pattern: re.Pattern[str], status: str) -> int:
    found = pattern.search(status)
    if found is None:
        raise AttributeError("no such line")
    return int(found[1])
