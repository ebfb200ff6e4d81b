"""Pages a second of 1, 2 and 4 whole processes on one PostgreSQL, in interleaved rounds; and how it is at rest.

Jobs come through an API process and are fetched by workers; a round's time runs from the first submit to the last
settle. On a machine with fewer cores than processes, server and site need, more processes only share what there is.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from itertools import count
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import asyncpg
import uvloop

from perf.process import ModuleProcess, running
from perf.report import Result
from perf.servers.postgres import Postgres, a_postgres

BULK = 1000
STARTS_WITHIN = timedelta(seconds=60)
LOOK_EVERY_S = 0.05
SETTLED = "SELECT count(*) FROM jobs WHERE completed_at IS NOT NULL"
COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
FLUSHED_AFTER_S = 11.0
"""A connection that rests tells the server's statistics what it did within ten seconds."""


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=64, help="fetches at once of each process, at most")
    parser.add_argument("--singles", type=int, default=20, help="jobs submitted one by one to a fleet at rest")
    parser.add_argument("--rest-seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)


def run(args: Namespace) -> Result:
    with a_postgres() as server:
        numbers = uvloop.run(_measured(server, args))
    return Result(scenario="fleet", settings=vars(args), numbers=numbers)


async def _measured(server: Postgres, args: Namespace) -> Mapping[str, object]:
    names = (f"fleet_{number}" for number in count())
    rates: dict[int, list[float]] = {workers: [] for workers in args.processes}
    async with running("perf", ("origin", f"--seed={args.seed}")) as site:
        for _ in range(args.rounds):
            for workers, found in rates.items():
                async with _fleet(server, next(names), workers, args.concurrency) as (url, api, _):
                    found.append(await _pages_a_second(url, api, site.url, args.pages))
        async with _fleet(server, next(names), 1, args.concurrency) as (url, api, worker):
            queue_ms = await _queued_ms(api, site.url, args.singles)
            asks = await _asks_a_second(url, [api, *worker], args.rest_seconds)
    return {
        **{f"pages_per_s_{workers}": round(median(found)) for workers, found in rates.items()},
        "queue_ms_median": round(median(queue_ms), 1),
        "queue_ms_most": round(max(queue_ms), 1),
        "transactions_per_s_at_rest": round(asks, 2),
        "rounds": {str(workers): [round(rate) for rate in found] for workers, found in rates.items()},
    }


@asynccontextmanager
async def _fleet(
    server: Postgres, name: str, workers: int, concurrency: int
) -> AsyncIterator[tuple[str, ModuleProcess, Sequence[ModuleProcess]]]:
    """One API and so many workers, in a database of their own."""
    url = urlunsplit(urlsplit(server.url)._replace(path=f"/{name}"))
    await _ask(server.url, f"CREATE DATABASE {name}")
    told = {"DATABASE_URL": url, "PORT": "0", "MAX_CONCURRENT_JOBS": str(concurrency), "LOG_LEVEL": "INFO"}
    async with AsyncExitStack() as stack:
        api, *others = [
            await stack.enter_async_context(
                running("actors", ("serve", f"--role={role}"), env=told, starts_within=STARTS_WITHIN)
            )
            for role in ("api", *["worker"] * workers)
        ]
        yield url, api, others


async def _pages_a_second(url: str, api: ModuleProcess, site: str, pages: int) -> float:
    began = perf_counter()
    async with aiohttp.ClientSession() as session:
        for first in range(0, pages, BULK):
            jobs = [{"url": f"{site}/page/{n}"} for n in range(first, min(first + BULK, pages))]
            async with session.post(f"{api.url}/api/v1/scrape/bulk", json={"jobs": jobs}) as answer:
                answer.raise_for_status()
    while await _ask(url, SETTLED) < pages:  # noqa: ASYNC110 - of other processes
        await asyncio.sleep(LOOK_EVERY_S)
    return pages / (perf_counter() - began)


async def _queued_ms(api: ModuleProcess, site: str, singles: int) -> list[float]:
    """How long each waited for its claim, submitted when nothing else was there."""
    found = []
    async with aiohttp.ClientSession() as session:
        for number in range(singles):
            async with session.post(f"{api.url}/api/v1/scrape", json={"url": f"{site}/page/{number}"}) as answer:
                job = f"{api.url}/api/v1/scrape/{(await answer.json())['job_id']}"
            async with session.get(f"{job}?wait=30") as answer:
                answer.raise_for_status()
            async with session.get(f"{job}/explain") as answer:
                found.append(float((await answer.json())["last_attempt_ms"]["queue"]))
    return found


async def _asks_a_second(url: str, processes: Sequence[ModuleProcess], rest_s: float) -> float:
    """Of each process: transactions, as the server counts them, its own look taken away."""
    await asyncio.sleep(FLUSHED_AFTER_S)
    before = await _ask(url, COMMITS)
    await asyncio.sleep(rest_s)
    return (await _ask(url, COMMITS) - before) / rest_s / len(processes)


async def _ask(url: str, statement: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(statement) or 0)
    finally:
        await connection.close()
