"""What the server's own process shows, second by second: through /metrics, and /proc where its pid is known.

Each sample is a line on the disk at once. One that could not be had in time is a line with empty places.
"""

import asyncio
import csv
from collections.abc import Mapping
from math import nan
from pathlib import Path
from time import time

import aiohttp
import psutil
from prometheus_client.parser import text_string_to_metric_families

EVERY_S = 1.0
FIRST_TRIES = 6
SHOWN: Mapping[str, tuple[str, str | None]] = {
    "pages": ("scraper_requests_total", None),
    "requests": ("http_requests_total", None),
    "requests_failed": ("http_requests_total", "5xx"),
    "completed": ("jobs_total", "completed"),
    "failed": ("jobs_total", "failed"),
    "queue": ("job_queue_size", None),
    "backlog_s": ("backlog_seconds", None),
    "active": ("active_jobs", None),
    "queries": ("db_query_duration_seconds_count", None),
    "rss_bytes": ("memory_usage_bytes", "rss"),
    "allocated_bytes": ("memory_usage_bytes", "allocated"),
    "kept_bytes": ("cache_size_bytes", "memory"),
    "limit_bytes": ("memory_usage_bytes", "limit"),
    "available_bytes": ("memory_usage_bytes", "available"),
    "cpu_s": ("process_cpu_seconds_total", None),
    "processors": ("process_processors", None),
    "lag_s": ("event_loop_lag_seconds_sum", None),
    "lags": ("event_loop_lag_seconds_count", None),
    "db_pool": ("db_connection_pool_size", None),
    "db_used": ("db_connection_pool_checked_out", None),
    "redis_pool": ("redis_connection_pool_size", None),
    "redis_free": ("redis_connection_pool_available", None),
    "memory_level": ("memory_level", None),
}
"""Our names; the metric's own, and the label's value where only that one counts. What has several is summed.

A value like 5xx stands for all of three digits that begin so.
"""
MAILBOX = "mailbox "
DEPTHS = "actor_mailbox_depth"


class Sampler:
    """Samples one process."""

    def __init__(self, *, url: str, pid: int | None, headers: Mapping[str, str]) -> None:
        self._metrics = f"{url}/metrics"
        self._headers = headers
        self._process = psutil.Process(pid) if pid else None
        self.fault = ""

    async def first(self) -> dict[str, float]:
        """What it shows before anybody comes. One that has just started may need a second to look at its mailboxes."""
        async with aiohttp.ClientSession(headers=self._headers) as client:
            for _ in range(FIRST_TRIES):
                figures = await self.look(client)
                if _mailboxes(figures):
                    break
                await asyncio.sleep(EVERY_S / 2)
        return figures

    async def run(self, path: Path, *, first: Mapping[str, float]) -> None:
        """Writes until it is cancelled. The mailboxes are those that it showed at first."""
        figures = first
        async with aiohttp.ClientSession(headers=self._headers) as client:
            with path.open("w", newline="") as file:
                table = csv.DictWriter(file, ["at", *SHOWN, *_mailboxes(figures)], extrasaction="ignore")
                table.writeheader()
                while True:
                    table.writerow({"at": time(), **figures})
                    file.flush()
                    await asyncio.sleep(EVERY_S - time() % EVERY_S)
                    figures = await self.look(client)

    async def look(self, client: aiohttp.ClientSession) -> dict[str, float]:
        """One sample; empty where nothing could be had, and then `fault` says why."""
        try:
            async with client.get(self._metrics, timeout=aiohttp.ClientTimeout(total=EVERY_S)) as answer:
                answer.raise_for_status()
                shown, self.fault = read(await answer.text()), ""
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            shown, self.fault = {}, f"{type(error).__name__}: {error}".rstrip(": ")
        return shown | self._seen()

    def _seen(self) -> dict[str, float]:
        """By the kernel, which answers at once."""
        if self._process is None:
            return {}
        try:
            times = self._process.cpu_times()
            return {"rss_bytes": self._process.memory_info().rss, "cpu_s": times.user + times.system}
        except psutil.NoSuchProcess:
            return {}


def read(text: str) -> dict[str, float]:
    """Of Prometheus text, what is shown."""
    found: dict[str, float] = {}
    for sample in (sample for family in text_string_to_metric_families(text) for sample in family.samples):
        if sample.name == DEPTHS:
            found[MAILBOX + sample.labels["actor"]] = sample.value
        for name in (name for name, shown in SHOWN.items() if _is_shown(shown, sample.name, sample.labels)):
            found[name] = found.get(name, 0.0) + sample.value
    return found


def samples(path: Path, *, began_at: float) -> dict[str, list[float]]:
    """Columns of what was written, with the seconds since then as `at_s`; a place that is empty is nan."""
    if not path.exists():
        return {"at_s": []}
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if None not in row.values()]
    columns = {name: [float(row[name] or nan) for row in rows] for name in (rows[0] if rows else {"at": ""})}
    return {"at_s": [at - began_at for at in columns.pop("at")], **columns}


def _is_shown(shown: tuple[str, str | None], name: str, labels: Mapping[str, str]) -> bool:
    if shown[0] != name or shown[1] is None:
        return shown[0] == name
    return any(value == shown[1] or (len(value) == 3 and f"{value[0]}xx" == shown[1]) for value in labels.values())


def _mailboxes(figures: Mapping[str, float]) -> list[str]:
    return [name for name in figures if name.startswith(MAILBOX)]
