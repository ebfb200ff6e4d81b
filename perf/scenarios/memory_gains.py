"""Measures what each means against memory gains: the same jobs for the same daemon, with one or all of them off.

Sides take turns in rounds of one run, each on a new file; medians over the rounds count. Processor time goes with it.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import aiohttp
import uvloop

from engine.storage.migrate import migrate
from perf.process import ModuleProcess, running
from perf.report import Result
from perf.soak.series import Series, read, watch
from perf.soak.without import NOTHING, SWITCHES

MEBIBYTE = 2**20
ALL = "+".join(SWITCHES)
SIDES = (NOTHING, *SWITCHES, ALL)
"""What is switched off on each."""
BULK = 200
LOOK_EVERY_S = 0.1
DONE_WITHIN_S = 180.0
STOPS_WITHIN = timedelta(seconds=40)
COMPLETED, WELL = "jobs_total{", 'status="completed"'
PAUSES_S = (0.001, 0.005, 0.025, 0.1)

# Parts in a hundred.
MIX: tuple[tuple[int, str, dict[str, Any]], ...] = (
    (64, "/page/{n}", {}),
    (14, "/page/{n}", {"extract_text": True, "extract_links": True}),
    (10, "/size/{kb}000", {}),
    (8, "/size/{mb}000000", {}),
    (2, "/size/{few}000000?gzip=1", {"extract_text": True}),
    (2, "/binary/9000000", {}),
)

SIZES = (("n", 1_999), ("kb", 999), ("mb", 9), ("few", 3))
"""What stands for them in a path, at most. A few, where all of it is parsed: no side refuses what another takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one daemon needed for all the jobs."""

    peak_mib: float
    after_mib: float
    """Some seconds after its last job."""
    cpu_s: float
    took_s: float
    completed: int
    pauses: Mapping[str, float]
    """For the collector: how many, how long in all, and how many of them longer than so many seconds."""


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=2_000, help="of each side in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit-mib", type=int, default=512, help="MEMORY_LIMIT of all")
    parser.add_argument("--concurrency", type=int, default=100)
    parser.add_argument("--rest-s", type=float, default=3.0, help="until a look at what is still held")
    parser.add_argument("--sides", nargs="+", default=SIDES, help="what is switched off on each, joined by +")
    parser.add_argument("--claim", type=float, default=0.2, help="the gain that is claimed for all, of the peak")
    parser.add_argument("--seed", type=int, default=0)


def run(args: Namespace) -> Result:
    sides = uvloop.run(_rounds(args))
    numbers = _numbers(sides)
    return Result(scenario="memory_gains", settings=vars(args), numbers=numbers, broken=_broken(numbers, args.claim))


async def _rounds(args: Namespace) -> dict[str, list[Side]]:
    found: dict[str, list[Side]] = {name: [] for name in args.sides}
    async with running("perf", ("origin", f"--seed={args.seed}")) as site, aiohttp.ClientSession() as client:
        async with client.get(f"{site.url}/manifest?n=2000") as answer:
            await answer.read()
        jobs = jobs_of(site.url, args.jobs, Random(args.seed))
        for number in range(args.rounds):
            turns = args.sides if number % 2 == 0 else args.sides[::-1]
            for name in turns:
                found[name].append(await _side(client, jobs, name, args))
                print(f"{number} {name:34} {found[name][-1]}")
    return found


def jobs_of(site: str, count: int, random: Random) -> list[dict[str, Any]]:
    chosen = random.choices(MIX, [weight for weight, _, _ in MIX], k=count)
    return [
        {"url": site + path.format(**_drawn(random)), "config": {"max_retries": 0, **config}}
        for _, path, config in chosen
    ]


def _drawn(random: Random) -> dict[str, int]:
    return {name: random.randint(1, most) for name, most in SIZES}


async def _side(client: aiohttp.ClientSession, jobs: Sequence[dict[str, Any]], name: str, args: Namespace) -> Side:
    series = Series()
    async with _daemon(name, args) as daemon:
        began_at, cpu_s = monotonic(), daemon.sample().cpu_s
        watching = asyncio.create_task(watch(series, pid=daemon.pid, url=daemon.url, client=client))
        try:
            async with asyncio.timeout(DONE_WITHIN_S):
                await _submitted(client, daemon.url, jobs)
                await _settled(client, daemon.url)
            took_s, cpu_s = monotonic() - began_at, daemon.sample().cpu_s - cpu_s
            await asyncio.sleep(args.rest_s)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        shown = await _shown(client, daemon.url)
        return Side(
            peak_mib=round(series.peak_bytes / MEBIBYTE, 1),
            after_mib=round(daemon.sample().rss_bytes / MEBIBYTE, 1),
            cpu_s=round(cpu_s, 2),
            took_s=round(took_s, 1),
            completed=int(sum(shown[name] for name in shown if name.startswith(COMPLETED) and WELL in name)),
            pauses=pauses_of(shown),
        )


@asynccontextmanager
async def _daemon(name: str, args: Namespace) -> AsyncIterator[ModuleProcess]:
    with TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'gains.db'}"
        migrate(database)
        environment = {
            "DATABASE_URL": database,
            "PORT": "0",
            "LOG_FORMAT": "json",
            "MEMORY_LIMIT": str(args.limit_mib * MEBIBYTE),
            "MAX_CONCURRENT_JOBS": str(args.concurrency),
            "HOST_MAX_CONCURRENCY": str(args.concurrency),
            "ALLOW_PRIVATE_NETWORKS": "true",
        }
        async with running("perf.soak.without", (name, "serve"), env=environment, stops_within=STOPS_WITHIN) as daemon:
            yield daemon


async def _submitted(client: aiohttp.ClientSession, api: str, jobs: Sequence[dict[str, Any]]) -> None:
    first = 0
    while first < len(jobs):
        told = {"jobs": jobs[first : first + BULK]}
        async with client.post(f"{api}/api/v1/scrape/bulk", json=told) as answer:
            if answer.status == 503:
                await asyncio.sleep(float(answer.headers["Retry-After"]))
            else:
                answer.raise_for_status()
                first += BULK


async def _settled(client: aiohttp.ClientSession, api: str) -> None:
    """Returns once all have ended."""
    while True:
        async with client.get(f"{api}/api/v1/jobs/queue/status") as answer:
            figures = await answer.json()
        if not figures["due"] + figures["running_jobs"]:
            return
        await asyncio.sleep(LOOK_EVERY_S)


async def _shown(client: aiohttp.ClientSession, api: str) -> dict[str, float]:
    async with client.get(f"{api}/metrics") as answer:
        return read(await answer.text())


def pauses_of(shown: Mapping[str, float]) -> dict[str, float]:
    count = shown["gc_duration_seconds_count"]
    longer = {f"over_{s}": count - shown[f'gc_duration_seconds_bucket{{le="{s}"}}'] for s in PAUSES_S}
    return {"count": count, "sum_s": round(shown["gc_duration_seconds_sum"], 3), **longer}


def _numbers(sides: Mapping[str, Sequence[Side]]) -> dict[str, Any]:
    peaks = {name: median(side.peak_mib for side in each) for name, each in sides.items()}
    numbers: dict[str, Any] = {}
    for name, each in sides.items():
        numbers |= {
            f"{name}_peak_mib": peaks[name],
            f"{name}_peaks_mib": [side.peak_mib for side in each],
            f"{name}_after_mib": median(side.after_mib for side in each),
            f"{name}_cpu_s": median(side.cpu_s for side in each),
            f"{name}_took_s": median(side.took_s for side in each),
            f"{name}_completed": [side.completed for side in each],
            f"{name}_pauses": each[-1].pauses,
        }
        if name != NOTHING and NOTHING in peaks:
            numbers[f"{name}_gain"] = round(1 - peaks[NOTHING] / peaks[name], 3)
    return numbers


def _broken(numbers: Mapping[str, Any], claim: float) -> list[str]:
    gain = numbers.get(f"{ALL}_gain", claim)
    return [] if gain >= claim else [f"all together gain {gain} of the peak, less than {claim}"]
