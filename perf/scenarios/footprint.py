"""Measures what the daemon is like before and under a backlog: its start, its rest, its memory, fifty slow fetches.

A real daemon on a new, migrated file. Jobs that only wait are for tomorrow, so that none is fetched.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import aiohttp
import uvloop

from engine.storage.migrate import migrate
from perf.process import ModuleProcess, running
from perf.report import Result

WITHIN = aiohttp.ClientTimeout(total=60)
SLOW_MS = 1000
SETTLES_S = 3.0
"""What a process is given to come to rest."""


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--queued", type=int, default=1_000_000, help="jobs of the backlog")
    parser.add_argument("--bulk", type=int, default=1000, help="jobs a request of the backlog")
    parser.add_argument("--at-once", type=int, default=50, help="slow fetches")
    parser.add_argument("--idle-s", type=float, default=20.0, help="how long idleness is watched")


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measured(args))


async def _measured(args: Namespace) -> Result:
    numbers: dict[str, Any] = {}
    async with running("perf", ("origin",)) as origin, aiohttp.ClientSession(timeout=WITHIN) as client:
        await _prepare(client, origin.url, args.at_once)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "footprint.db"
            migrate(f"sqlite:///{path}")
            environment = {"DATABASE_URL": f"sqlite:///{path}", "PORT": "0", "LOG_FORMAT": "json"}
            began = perf_counter()
            async with running("actors", ("serve",), env=environment) as daemon:
                numbers["up_s"] = round(perf_counter() - began, 2)
                await _done(client, daemon, [f"{origin.url}/page/0"])
                numbers["first_page_s"] = round(perf_counter() - began, 2)
                numbers |= await _rest(daemon, args.idle_s)
                numbers["slow_fetches_s"] = await _slow(client, daemon, origin.url, args.at_once)
            async with running("actors", ("serve",), env=environment) as daemon:
                numbers |= await _backlog(client, daemon, args.queued, args.bulk)
    return Result(scenario="footprint", settings=vars(args), numbers=numbers)


async def _rest(daemon: ModuleProcess, idle_s: float) -> dict[str, float]:
    await asyncio.sleep(SETTLES_S)
    before, began = daemon.sample(), perf_counter()
    await asyncio.sleep(idle_s)
    after = daemon.sample()
    idle = (after.cpu_s - before.cpu_s) / (perf_counter() - began)
    return {"rest_rss_mib": _mib(after.rss_bytes), "idle_cpu_percent": round(100 * idle, 2)}


async def _slow(client: aiohttp.ClientSession, daemon: ModuleProcess, origin: str, at_once: int) -> float:
    began = perf_counter()
    await _done(client, daemon, [f"{origin}/delay/{SLOW_MS}/page/{n}" for n in range(at_once)])
    return round(perf_counter() - began, 2)


async def _backlog(client: aiohttp.ClientSession, daemon: ModuleProcess, queued: int, bulk: int) -> dict[str, float]:
    """Of the same process, with one request's jobs queued and with all."""
    await _queue(client, daemon, range(bulk))
    await asyncio.sleep(SETTLES_S)
    few = daemon.sample().rss_bytes
    for first in range(bulk, queued, bulk):
        await _queue(client, daemon, range(first, min(first + bulk, queued)))
    await asyncio.sleep(SETTLES_S)
    many = daemon.sample().rss_bytes
    return {"rss_mib_few": _mib(few), "rss_mib_many": _mib(many), "rss_ratio": round(many / few, 3)}


async def _queue(client: aiohttp.ClientSession, daemon: ModuleProcess, numbers: Sequence[int]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await _submit(client, daemon, [f"http://h{n % 1000}.test/p/{n}" for n in numbers], run_at=tomorrow)


async def _done(client: aiohttp.ClientSession, daemon: ModuleProcess, urls: Sequence[str]) -> None:
    """Submitted together and waited for."""
    for job_id in await _submit(client, daemon, urls):
        async with client.get(f"{daemon.url}/api/v1/scrape/{job_id}?wait=30") as answer:
            status = (await answer.json())["status"]
            if status != "completed":
                raise ValueError(f"{job_id} is {status}")


async def _submit(client: aiohttp.ClientSession, daemon: ModuleProcess, urls: Sequence[str], **more: Any) -> list[str]:
    jobs = [{"url": url, **more} for url in urls]
    async with client.post(f"{daemon.url}/api/v1/scrape/bulk", json={"jobs": jobs}) as answer:
        if answer.status != 202:
            raise ValueError(await answer.text())
        job_ids: list[str] = (await answer.json())["job_ids"]
        return job_ids


async def _prepare(client: aiohttp.ClientSession, origin: str, pages: int) -> None:
    """Has the origin make its pages beforehand."""
    async with client.get(f"{origin}/manifest?n={pages}") as answer:
        await answer.read()


def _mib(size: int) -> float:
    return round(size / 2**20, 1)
