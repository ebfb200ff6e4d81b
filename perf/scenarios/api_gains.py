"""Measures what the caches gain on the API's reads: two real daemons on a store each, in interleaved rounds.

On SQLite or, by --database, on PostgreSQL; so many clients ask at once.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import aiohttp
import uvloop

from perf.percentile import percentile_ms
from perf.process import running
from perf.report import Result
from perf.servers.postgres import a_postgres

MEMORY_BYTES = {"uncached": "0", "cached": "104857600"}


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--requests", type=int, default=1000, help="of each kind in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--claim", type=float, default=0.3, help="the gain that is claimed, of the median time")


def run(args: Namespace) -> Result:
    numbers = uvloop.run(_measured(args))
    gains = {name: gain for name, gain in numbers.items() if name.endswith("gain_p50")}
    broken = [f"{name} is {gain}, less than {args.claim}" for name, gain in gains.items() if gain < args.claim]
    return Result(scenario="api_gains", settings=vars(args), numbers=numbers, broken=broken)


async def _measured(args: Namespace) -> Mapping[str, float]:
    times: dict[str, dict[str, list[float]]] = {side: {} for side in MEMORY_BYTES}
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(running("perf", ("origin", "--port", "0")))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        asked = {}
        for side in MEMORY_BYTES:
            service = await stack.enter_async_context(_daemon(args.database, side))
            asked[side] = await _filled(session, service, site.url, args.jobs)
        for place in range(-1, args.rounds):
            for side, kinds in asked.items():
                for kind, path in kinds.items():
                    taken = await _round(session, path, args)
                    if place >= 0:
                        times[side].setdefault(kind, []).extend(taken)
    return _numbers(times)


@asynccontextmanager
async def _daemon(database: str, side: str) -> AsyncIterator[str]:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        url = f"sqlite:///{Path(folder) / 'jobs.db'}"
        if database == "postgres":
            url = stack.enter_context(a_postgres()).url
        told = {"DATABASE_URL": url, "PORT": "0", "CACHE_MAX_MEMORY_SIZE": MEMORY_BYTES[side]}
        yield (await stack.enter_async_context(running("actors", ("serve",), env=told))).url


async def _filled(session: aiohttp.ClientSession, service: str, site: str, jobs: int) -> Mapping[str, str]:
    """What is asked, by its kind; all jobs are over, the last submitted one is asked for."""
    api = f"{service}/api/v1"
    for number in range(jobs):
        async with session.post(f"{api}/scrape", json={"url": f"{site}/page/{number}"}) as answer:
            answer.raise_for_status()
            job = f"{api}/scrape/{(await answer.json())['job_id']}"
    async with session.get(f"{job}?wait=30") as answer:
        answer.raise_for_status()
    return {"status": job, "result": f"{job}/result", "list": f"{api}/jobs", "stats": f"{api}/jobs/stats"}


async def _round(session: aiohttp.ClientSession, url: str, args: Namespace) -> list[float]:
    taken: list[float] = []

    async def client() -> None:
        for _ in range(args.requests // args.clients):
            began = perf_counter()
            async with session.get(url) as answer:
                answer.raise_for_status()
                await answer.read()
            taken.append(perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(args.clients):
            group.create_task(client())
    return taken


def _numbers(times: Mapping[str, Mapping[str, list[float]]]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for kind in times["cached"]:
        for part in (50, 95):
            found = {side: percentile_ms(times[side][kind], part) for side in MEMORY_BYTES}
            numbers |= {f"{kind}_{side}_p{part}_ms": taken for side, taken in found.items()}
            numbers[f"{kind}_gain_p{part}"] = round(1 - found["cached"] / found["uncached"], 3)
    return numbers
