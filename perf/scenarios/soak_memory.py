"""The real daemon under a memory limit: pages from 1 KB to 200 MB, bombs among them, a million queued jobs, a flood.

It must stay inside at all times, settle every job, and be as fast as before soon after the flood is over.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from datetime import timedelta
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import aiohttp
import uvloop

from engine.storage.migrate import migrate
from perf.process import ModuleProcess, running
from perf.report import RESULTS, Result
from perf.soak.cell import Cell, a_cell
from perf.soak.plot import plotted
from perf.soak.series import Series, watch
from perf.soak.storm import GIANT_BYTES, Storm

MEBIBYTE = 1024 * 1024
RECOVERS_TO = 0.9
RECOVERS_WITHIN_S = 30.0
OVER_S = 5.0
"""A rate is the pages of so many seconds."""
BACKLOG_BULK = 1000
DRAINS_WITHIN_S = 600.0
STARTS_WITHIN = timedelta(seconds=60)
STOPS_WITHIN = timedelta(seconds=60)


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--limit-mib", type=int, default=256)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long the flood goes on")
    parser.add_argument("--concurrency", type=int, default=200)
    parser.add_argument("--queued", type=int, default=1_000_000, help="jobs for tomorrow, before the flood")
    parser.add_argument("--calm-s", type=float, default=20.0, help="small pages alone, before and after")
    parser.add_argument("--without-credits", action="store_true", help="the same load must then break the limit")
    parser.add_argument("--seed", type=int, default=0)


def run(args: Namespace) -> Result:
    soak = Soak(args)
    uvloop.run(soak.run())
    plot = plotted(soak.series, limit_bytes=soak.limit_bytes, phases=soak.phases, path=_picture(args))
    numbers = {**soak.numbers, "plot": str(plot)}
    return Result(scenario="soak_memory", settings=vars(args), numbers=numbers, broken=soak.broken())


class Soak:
    """One run; what came of it stands in `numbers` and `series`."""

    def __init__(self, args: Namespace) -> None:
        self._args = args
        self.limit_bytes = args.limit_mib * MEBIBYTE
        self.series = Series()
        self.phases: dict[str, float] = {}
        self.numbers: dict[str, Any] = {}

    async def run(self) -> None:
        async with (
            running("perf", ("origin", f"--seed={self._args.seed}")) as site,
            aiohttp.ClientSession() as client,
            self._daemon() as daemon,
        ):
            await _warmed(client, site.url)
            storm = Storm(client=client, api=daemon.url, site=site.url, seed=self._args.seed)
            self._began = perf_counter()
            watching = asyncio.create_task(watch(self.series, pid=daemon.pid, url=daemon.url, client=client))
            try:
                await self._story(storm)
            finally:
                watching.cancel()
            self.numbers |= {
                "peak_rss_mib": round(self.series.peak_bytes / MEBIBYTE, 1),
                "limit_mib": self._args.limit_mib,
                **asdict(storm.accounts),
            }

    async def _story(self, storm: Storm) -> None:
        self._phase("backlog")
        while storm.accounts.later < self._args.queued:
            await storm.queue_for_tomorrow(BACKLOG_BULK)
        self._phase("calm")
        await _for(self._args.calm_s, storm.small())
        before = self._rate()
        self._phase("flood")
        await _for(self._args.minutes * 60, asyncio.gather(storm.mixed(), storm.flood()))
        self._phase("drain")
        async with asyncio.timeout(DRAINS_WITHIN_S):
            await storm.drained()
        self._phase("after")
        recovered_s = await self._recovery(storm, before * RECOVERS_TO)
        async with asyncio.timeout(DRAINS_WITHIN_S):
            await storm.drained()
        self.numbers |= {"pages_per_s_before": round(before), "recovered_after_s": round(recovered_s, 1)}

    async def _recovery(self, storm: Storm, rate: float) -> float:
        """Seconds until it is so fast again; infinite if it was not in time."""
        load, began = asyncio.create_task(storm.small()), perf_counter()
        try:
            while perf_counter() - began < RECOVERS_WITHIN_S:
                await asyncio.sleep(1.0)
                if perf_counter() - began >= OVER_S and self._rate() >= rate:
                    return perf_counter() - began
        finally:
            load.cancel()
            await asyncio.wait((load,))
        return inf

    def broken(self) -> list[str]:
        found = self.numbers
        return [
            f"{what} is broken"
            for what, holds in {
                f"the limit of {found['limit_mib']} MiB ({found['peak_rss_mib']} were held)": found["peak_rss_mib"]
                < found["limit_mib"],
                f"the recovery ({found['recovered_after_s']} s)": found["recovered_after_s"] <= RECOVERS_WITHIN_S,
                f"the API ({found['errors']})": not found["errors"],
            }.items()
            if not holds
        ]

    def _phase(self, name: str) -> None:
        self.phases[name] = perf_counter() - self._began
        print(f"{self.phases[name]:7.0f} s  {name}")

    def _rate(self) -> float:
        """Pages a second of late."""
        return self.series.rate_over(OVER_S)

    @asynccontextmanager
    async def _daemon(self) -> AsyncIterator[ModuleProcess]:
        with TemporaryDirectory() as folder, a_cell(self.limit_bytes) as cell:
            database = f"sqlite:///{Path(folder) / 'soak.db'}"
            migrate(database)
            environment = self._environment(database)
            async with running(
                "actors", ("serve",), env=environment, starts_within=STARTS_WITHIN, stops_within=STOPS_WITHIN
            ) as daemon:
                self._confine(cell, daemon)
                yield daemon

    def _confine(self, cell: Cell | None, daemon: ModuleProcess) -> None:
        """Without credits it is to be seen how far it goes, not how it is killed."""
        self.numbers["held_by_the_kernel"] = cell is not None and not self._args.without_credits
        if cell is not None and not self._args.without_credits:
            cell.enter(daemon.pid)

    def _environment(self, database: str) -> Mapping[str, str]:
        told = {
            "DATABASE_URL": database,
            "PORT": "0",
            "LOG_FORMAT": "json",
            "MEMORY_LIMIT": str(self.limit_bytes),
            "MAX_CONCURRENT_JOBS": str(self._args.concurrency),
            "MAX_BODY_BYTES": str(GIANT_BYTES),
            "ALLOW_PRIVATE_NETWORKS": "true",
            "HOST_MAX_CONCURRENCY": str(self._args.concurrency),
        }
        without = {
            "MEMORY_BUDGET": str(2**33),
            "MEMORY_HIGH": "0.98",
            "MEMORY_CRITICAL": "0.99",
            "MEMORY_LIMIT": "64GiB",
        }
        return told | without if self._args.without_credits else told


async def _for(seconds: float, work: Awaitable[object]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await work


async def _warmed(client: aiohttp.ClientSession, site: str) -> None:
    """The site has its pages ready."""
    async with client.get(f"{site}/manifest?n=2000") as answer:
        await answer.read()


def _picture(args: Namespace) -> Path:
    RESULTS.mkdir(parents=True, exist_ok=True)
    return RESULTS / f"soak_memory-{args.seed}{'-without' if args.without_credits else ''}.png"
