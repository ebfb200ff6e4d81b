"""Measures what a daemon pays for being sampled: processor time for the same jobs with the sampler and without it.

Both sides are one daemon's, in interleaved pairs after a first batch that counts for nothing.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import aiohttp
import uvloop

from perf.load.ground import environment
from perf.process import ModuleProcess, running
from perf.report import Result

PAGES = 2000
"""Different ones, of the site."""
LOOK_EVERY_S = 0.25
DONE_WITHIN_S = 240.0
SAMPLED_S = 300
"""Longer than any batch: who goes away ends it."""
PROFILE = f"/api/v1/admin/profile?seconds={SAMPLED_S}"
SESSIONS = "active_profiling_sessions 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch of jobs, all settled."""

    cpu_s: float
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The same jobs on both sides."""

    without: Batch
    sampled: Batch

    @property
    def ratio(self) -> float:
        return self.sampled.cpu_s / self.without.cpu_s


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=2_000, help="of each side in each pair; one bulk")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--most", type=float, default=1.1, help="how much more it may cost, of the processor time")


def run(args: Namespace) -> Result:
    pairs = uvloop.run(_pairs(args))
    ratio = round(median(pair.ratio for pair in pairs), 3)
    numbers = {
        "ratio": ratio,
        "ratios": [round(pair.ratio, 3) for pair in pairs],
        "without_cpu_s": [round(pair.without.cpu_s, 2) for pair in pairs],
        "sampled_cpu_s": [round(pair.sampled.cpu_s, 2) for pair in pairs],
        "without_took_s": [round(pair.without.took_s, 1) for pair in pairs],
        "sampled_took_s": [round(pair.sampled.took_s, 1) for pair in pairs],
    }
    broken = [f"being sampled costs {ratio} of the processor time, more than {args.most}"] if ratio > args.most else []
    return Result(scenario="profiling", settings=vars(args), numbers=numbers, broken=broken)


async def _pairs(args: Namespace) -> list[Pair]:
    with TemporaryDirectory() as folder:
        env = environment(f"sqlite:///{Path(folder) / 'profiling.db'}")
        async with (
            running("perf", ("origin",)) as site,
            running("actors", ("serve",), env=env) as daemon,
            aiohttp.ClientSession() as client,
        ):
            async with client.get(f"{site.url}/manifest?n={PAGES}") as answer:
                await answer.read()
            jobs = [{"url": f"{site.url}/page/{n % PAGES}", "config": {"cache": "bypass"}} for n in range(args.jobs)]
            await _batch(client, daemon, jobs)
            return [await _pair(client, daemon, jobs, number) for number in range(args.pairs)]


async def _pair(client: aiohttp.ClientSession, daemon: ModuleProcess, jobs: list[dict[str, Any]], number: int) -> Pair:
    """Who begins changes from pair to pair."""
    batches: dict[bool, Batch] = {}
    for is_sampled in (number % 2 == 0, number % 2 != 0):
        if is_sampled:
            async with _sampled(client, daemon):
                batches[True] = await _batch(client, daemon, jobs)
        else:
            batches[False] = await _batch(client, daemon, jobs)
    pair = Pair(without=batches[False], sampled=batches[True])
    print(f"{number} {pair.ratio:.3f} {pair}", flush=True)
    return pair


@asynccontextmanager
async def _sampled(client: aiohttp.ClientSession, daemon: ModuleProcess) -> AsyncIterator[None]:
    asking = asyncio.ensure_future(client.post(daemon.url + PROFILE))
    try:
        await _shown(client, daemon, is_running=True)
        yield
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        await _shown(client, daemon, is_running=False)


async def _shown(client: aiohttp.ClientSession, daemon: ModuleProcess, *, is_running: bool) -> None:
    async with asyncio.timeout(10):
        while True:
            async with client.get(f"{daemon.url}/metrics") as answer:
                if (SESSIONS in await answer.text()) == is_running:
                    return
            await asyncio.sleep(LOOK_EVERY_S)


async def _batch(client: aiohttp.ClientSession, daemon: ModuleProcess, jobs: list[dict[str, Any]]) -> Batch:
    began_at, cpu_s = monotonic(), daemon.sample().cpu_s
    async with asyncio.timeout(DONE_WITHIN_S):
        async with client.post(f"{daemon.url}/api/v1/scrape/bulk", json={"jobs": jobs}) as answer:
            answer.raise_for_status()
        await _settled(client, daemon)
    return Batch(cpu_s=daemon.sample().cpu_s - cpu_s, took_s=monotonic() - began_at)


async def _settled(client: aiohttp.ClientSession, daemon: ModuleProcess) -> None:
    """Returns once all have ended."""
    while True:
        async with client.get(f"{daemon.url}/api/v1/jobs/queue/status") as answer:
            figures = await answer.json()
        if not figures["queue_size"] + figures["running_jobs"]:
            return
        await asyncio.sleep(LOOK_EVERY_S)
