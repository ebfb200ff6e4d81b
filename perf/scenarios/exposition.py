"""Measures a scrape of /metrics from a real daemon whose store is full: at rest, and while it works off pages.

Every route was asked before, so that all series are there that there can be. By the client's clock a scrape waits for
its turn on the loop, and its bytes come over a socket; by the service's own it is the time for which it holds the loop.
`rest_cpu_ms` is the service's processor time a scrape, less what it uses at rest in as long.
"""

import asyncio
import os
import re
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import aiohttp
import uvloop

from engine.api import ROUTES
from engine.storage.migrate import migrate
from perf.load.ground import environment
from perf.percentile import percentile_ms
from perf.process import ModuleProcess, running
from perf.report import Result

WITHIN = aiohttp.ClientTimeout(total=120)
PAGES = 1000
"""Different ones, of the site; and of each request."""
BULK = 10_000
MOST_MS, MOST_BYTES = 20.0, 300_000
PARAMETER = re.compile(r"\{\w+\}")
TOOK = re.compile(
    r'^http_request_duration_seconds_(sum|count)\{endpoint="/metrics",method="GET"\} (\S+)$', re.MULTILINE
)
LAG = re.compile(r"^event_loop_lag_seconds_(sum|count) (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Of all scrapes since the start, by the service's own clock; and of the looks at how late its loop is."""

    scrapes: float
    took_s: float
    looks: float
    late_s: float

    @classmethod
    def by(cls, text: str) -> "Told":
        took, lag = dict(TOOK.findall(text)), dict(LAG.findall(text))
        return cls(
            scrapes=float(took.get("count", 0)),
            took_s=float(took.get("sum", 0)),
            looks=float(lag.get("count", 0)),
            late_s=float(lag.get("sum", 0)),
        )


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--queued", type=int, default=1_000_000, help="jobs of the backlog")
    parser.add_argument("--hosts", type=int, default=10_000, help="whose the jobs are")
    parser.add_argument("--scrapes", type=int, default=200, help="at rest, and again under the flood")
    parser.add_argument("--every-ms", type=float, default=100.0, help="between two scrapes")


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        numbers = runner.run(_measured(args))
    broken = [
        f"{name} is {numbers[name]}, more than {most}"
        for name, most in {"rest_median_ms": MOST_MS, "flood_median_ms": MOST_MS, "bytes": MOST_BYTES}.items()
        if numbers[name] > most
    ]
    return Result(scenario="exposition", settings=vars(args), numbers=numbers, broken=broken)


async def _measured(args: Namespace) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'exposition.db'}"
        migrate(url)
        async with (
            running("perf", ("origin",)) as site,
            running("actors", ("serve",), env=environment(url)) as daemon,
            aiohttp.ClientSession(timeout=WITHIN) as client,
        ):
            await _answer(client, "GET", f"{site.url}/manifest?n={PAGES}")
            await _ask_everything(client, daemon)
            async with _flood(client, daemon, site.url):
                pass
            await _fill(client, daemon, args.queued, args.hosts)
            began_s = daemon.cpu_s()
            await asyncio.sleep(args.scrapes * args.every_ms / 1000)
            idle_s, began_s = daemon.cpu_s() - began_s, daemon.cpu_s()
            numbers = await _scraped(client, daemon, args, "rest")
            numbers["rest_cpu_ms"] = round((daemon.cpu_s() - began_s - idle_s) / args.scrapes * 1000, 2)
            async with _flood(client, daemon, site.url):
                numbers |= await _scraped(client, daemon, args, "flood")
            return {**numbers, "load": round(os.getloadavg()[0], 1)}


async def _ask_everything(client: aiohttp.ClientSession, daemon: ModuleProcess) -> None:
    """For jobs that there are none of, with bodies that are none."""
    for route in ROUTES:
        if "/admin/" not in route.path:
            await _answer(client, route.method, daemon.url + PARAMETER.sub("job_none", route.path))


async def _fill(client: aiohttp.ClientSession, daemon: ModuleProcess, queued: int, hosts: int) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for first in range(0, queued, BULK):
        numbers = range(first, min(first + BULK, queued))
        jobs = [{"url": f"http://h{number % hosts}.test/p/{number}", "run_at": tomorrow} for number in numbers]
        await _submit(client, daemon, jobs)


@asynccontextmanager
async def _flood(client: aiohttp.ClientSession, daemon: ModuleProcess, site: str) -> AsyncIterator[None]:
    """From its first pages on; there is never nothing to do."""
    jobs = [{"url": f"{site}/page/{number}", "config": {"cache": "bypass"}} for number in range(PAGES)]
    await _submit(client, daemon, jobs)
    flooding = asyncio.ensure_future(_flood_on(client, daemon, jobs))
    try:
        yield
    finally:
        flooding.cancel()
        with suppress(asyncio.CancelledError):
            await flooding


async def _flood_on(client: aiohttp.ClientSession, daemon: ModuleProcess, jobs: list[dict[str, Any]]) -> None:
    while True:
        async with client.get(f"{daemon.url}/api/v1/jobs/queue/status") as answer:
            due = (await answer.json())["due"]
        if due < 2 * PAGES:
            await _submit(client, daemon, jobs)
        await asyncio.sleep(0.1)


async def _scraped(client: aiohttp.ClientSession, daemon: ModuleProcess, args: Namespace, when: str) -> dict[str, Any]:
    before, taken = Told.by(await _answer(client, "GET", f"{daemon.url}/metrics")), list[float]()
    for _ in range(args.scrapes):
        began = perf_counter()
        text = await _answer(client, "GET", f"{daemon.url}/metrics")
        taken.append(perf_counter() - began)
        await asyncio.sleep(args.every_ms / 1000)
    after = Told.by(text)
    return {
        "bytes": len(text.encode()),
        "series": sum(not line.startswith("#") for line in text.splitlines()),
        f"{when}_median_ms": percentile_ms(taken, 50),
        f"{when}_p95_ms": percentile_ms(taken, 95),
        f"{when}_most_ms": round(max(taken) * 1000, 3),
        f"{when}_held_ms": _mean_ms(after.took_s - before.took_s, after.scrapes - before.scrapes),
        f"{when}_late_ms": _mean_ms(after.late_s - before.late_s, after.looks - before.looks),
    }


def _mean_ms(total_s: float, count: float) -> float | None:
    return round(total_s / count * 1000, 3) if count else None


async def _submit(client: aiohttp.ClientSession, daemon: ModuleProcess, jobs: list[dict[str, Any]]) -> None:
    async with client.post(f"{daemon.url}/api/v1/scrape/bulk", json={"jobs": jobs}) as answer:
        if answer.status != 202:
            raise ValueError(await answer.text())


async def _answer(client: aiohttp.ClientSession, method: str, url: str) -> str:
    """Its text, whatever its status."""
    async with client.request(method, url) as answer:
        return await answer.text()
