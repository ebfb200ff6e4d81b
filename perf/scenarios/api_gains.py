"""Measures what caches and not blocking gain on the API's reads: three real daemons on a store each, in interleaved
rounds.

One has its caches off and each request makes a blocking read of the database on the event loop, as if it were written
synchronously; one has its caches off; one is as it comes. On SQLite or, by --database, on PostgreSQL. All that is asked
for at once is of different jobs, lists and figures, so that nobody is served by another's read.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from itertools import cycle, islice
from statistics import median

import aiohttp
import uvloop

from perf.percentile import percentile_ms
from perf.process import ModuleProcess, running
from perf.report import Result
from perf.scenarios.hammer import battered, request_to
from perf.servers.database import KINDS, a_database
from perf.servers.valkey import a_valkey

NO_CACHE = {"CACHE_MAX_MEMORY_SIZE": "0"}
SIDES: Mapping[str, tuple[str, Sequence[str], Mapping[str, str]]] = {
    "blocking": ("perf.scenarios.blocking", (), NO_CACHE),
    "uncached": ("actors", ("serve",), NO_CACHE),
    "cached": ("actors", ("serve",), {}),
}
GAINS = {"async": ("blocking", "uncached"), "caching": ("uncached", "cached"), "both": ("blocking", "cached")}
"""Of what, by what."""
PARTS = (50, 95)
PAGE_SIZE = 20
SPREAD_DAYS = 64
"""So many different figures can be asked for."""
STARTS_WITHIN = timedelta(minutes=1)
"""Others are at work on the same core by then."""
CPU = 0
"""Stands among the parts for the daemon's processor time a request, which nobody else on the machine changes."""
Times = dict[tuple[str, str], list[dict[int, float]]]
"""Of a side and a kind: a round's percentiles, in milliseconds, and that time."""


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--database", choices=KINDS, default=KINDS[0])
    parser.add_argument("--redis", action="store_true", help="beside the cache: without, a server's jobs are kept 1 s")
    parser.add_argument("--jobs", type=int, default=1280)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--requests", type=int, default=2000, help="of each kind in a round")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--server-cpu", type=int, default=0)
    parser.add_argument("--client-cpu", type=int, default=1)
    parser.add_argument("--claim", type=float, default=0.3, help="the gain that is claimed, of the median time")


def run(args: Namespace) -> Result:
    numbers = uvloop.run(_measured(args))
    gains = {name: gain for name, gain in numbers.items() if name.endswith("gain_p50")}
    broken = [f"{name} is {gain}, less than {args.claim}" for name, gain in gains.items() if gain < args.claim]
    return Result(scenario="api_gains", settings=vars(args), numbers=numbers, broken=broken)


async def _measured(args: Namespace) -> Mapping[str, float]:
    times: Times = {}
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(running("perf", ("origin", "--port", "0"), cpu=args.client_cpu))
        daemons = {side: await stack.enter_async_context(_daemon(side, args)) for side in SIDES}
        asked = {side: await _filled(daemon.url, site.url, args.jobs) for side, daemon in daemons.items()}
        for place in range(-1, args.rounds):
            for side, kinds in asked.items():
                for kind, urls in kinds.items():
                    taken = await _round(daemons[side], urls, args)
                    if place >= 0:
                        times.setdefault((side, kind), []).append(taken)
    return _numbers(times)


@asynccontextmanager
async def _daemon(side: str, args: Namespace) -> AsyncIterator[ModuleProcess]:
    module, command, told = SIDES[side]
    async with AsyncExitStack() as stack:
        url = stack.enter_context(a_database(args.database))
        env = {"DATABASE_URL": url, "PORT": "0", "LOG_FORMAT": "json", **told}
        if args.redis and not told:
            env["REDIS_URL"] = stack.enter_context(a_valkey()).url
        daemon = running(module, command, cpu=args.server_cpu, env=env, starts_within=STARTS_WITHIN)
        yield await stack.enter_async_context(daemon)


async def _filled(service: str, site: str, jobs: int) -> Mapping[str, Sequence[str]]:
    """What is asked, by its kind; all jobs are over."""
    api = f"{service}/api/v1"
    async with aiohttp.ClientSession() as session:
        found = []
        for number in range(jobs):
            async with session.post(f"{api}/scrape", json={"url": f"{site}/page/{number}"}) as answer:
                answer.raise_for_status()
                found.append(f"{api}/scrape/{(await answer.json())['job_id']}")
        for job in found:
            async with session.get(f"{job}?wait=30") as answer:
                answer.raise_for_status()
    return {
        "status": found,
        "result": [f"{job}/result" for job in found],
        "list": [f"{api}/jobs?page={page + 1}&page_size={PAGE_SIZE}" for page in range(-(-jobs // PAGE_SIZE))],
        "stats": [f"{api}/jobs/stats?days={day + 1}" for day in range(SPREAD_DAYS)],
    }


async def _round(daemon: ModuleProcess, urls: Sequence[str], args: Namespace) -> dict[int, float]:
    before_s = daemon.sample().cpu_s
    requests = islice(cycle([request_to(url) for url in urls]), args.requests)
    blows = await battered(urls[0], requests, connections=args.clients)
    if blows.statuses != {200: args.requests}:
        raise ValueError(f"not every answer was 200: {blows.statuses}")
    cpu_ms = (daemon.sample().cpu_s - before_s) / args.requests * 1000
    return {part: percentile_ms(blows.taken_s, part) for part in PARTS} | {CPU: cpu_ms}


def _numbers(times: Times) -> dict[str, float]:
    """Medians over the rounds; of the gains of the median time, their least and most in a round as well."""
    numbers: dict[str, float] = {}
    for kind in dict.fromkeys(kind for _, kind in times):
        for side in SIDES:
            numbers[f"{kind}_{side}_cpu_ms"] = round(median(taken[CPU] for taken in times[side, kind]), 3)
        for part in PARTS:
            rounds = {side: [taken[part] for taken in times[side, kind]] for side in SIDES}
            numbers |= {f"{kind}_{side}_p{part}_ms": round(median(taken), 3) for side, taken in rounds.items()}
            for name, (before, after) in GAINS.items():
                gains = [1 - own / theirs for own, theirs in zip(rounds[after], rounds[before], strict=True)]
                numbers[f"{kind}_{name}_gain_p{part}"] = round(median(gains), 3)
                if part == PARTS[0]:
                    numbers[f"{kind}_{name}_gain_least"] = round(min(gains), 3)
                    numbers[f"{kind}_{name}_gain_most"] = round(max(gains), 3)
    return numbers
