"""Measures what a reader of a large result costs: many at once hold an answer half taken, then take the rest.

The daemon's memory is read while all wait, and at its highest while all are served.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import uvloop

from engine.storage.migrate import migrate
from perf.process import ModuleProcess, running
from perf.report import Result

MEBIBYTE = 2**20
WITHIN = aiohttp.ClientTimeout(total=900)
HALF_TAKEN = 1000
"""Bytes that each takes before all wait."""
LOOK_S = 0.25
ALLOWED_MIB = 2.0
"""A reader: some pieces of 256 KiB, and the buffers of its socket."""


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--mib", type=int, default=100, help="of the body")
    parser.add_argument("--path", default="/result", help="of the job: /result, or /download?format=...")


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measured(args))


async def _measured(args: Namespace) -> Result:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'readers.db'}"
        migrate(url)
        environment = {"DATABASE_URL": url, "PORT": "0", "LOG_FORMAT": "json", "MAX_BODY_BYTES": str(2**30)}
        async with (
            running("perf", ("origin",)) as site,
            running("actors", ("serve",), env=environment) as daemon,
            aiohttp.ClientSession(timeout=WITHIN, connector=aiohttp.TCPConnector(limit=0)) as client,
        ):
            job = await _fetched(client, daemon, f"{site.url}/size/{args.mib * MEBIBYTE}")
            numbers = await _read(client, daemon, job + args.path, args.readers)
    least = args.mib * MEBIBYTE * args.readers
    broken = [] if numbers["read_bytes"] >= least else ["not all was read"]
    if numbers["mib_a_reader_at_most"] > ALLOWED_MIB:
        broken.append(f"a reader cost more than {ALLOWED_MIB} MiB")
    return Result(scenario="readers", settings=vars(args), numbers=numbers, broken=broken)


async def _fetched(client: aiohttp.ClientSession, daemon: ModuleProcess, url: str) -> str:
    """The job's address, once it is completed."""
    config = {"timeout": 300, "max_body_bytes": 2**30}
    async with client.post(f"{daemon.url}/api/v1/scrape", json={"url": url, "config": config}) as answer:
        answer.raise_for_status()
        job = f"{daemon.url}/api/v1/scrape/{(await answer.json())['job_id']}"
    while True:
        async with client.get(f"{job}/explain") as answer:
            state = (await answer.json())["status"]
        if state == "completed":
            return job
        if state == "failed":
            raise ValueError(f"{url} could not be fetched")
        await asyncio.sleep(LOOK_S)


async def _read(client: aiohttp.ClientSession, daemon: ModuleProcess, url: str, readers: int) -> dict[str, Any]:
    before, highest = daemon.sample().rss_bytes, 0
    answers = await asyncio.gather(*(client.get(url) for _ in range(readers)))
    taken = sum([len(await answer.content.readexactly(HALF_TAKEN)) for answer in answers])
    await asyncio.sleep(5)
    waiting = daemon.sample().rss_bytes
    reading = asyncio.gather(*(_drained(answer) for answer in answers))
    while not reading.done():
        highest = max(highest, daemon.sample().rss_bytes)
        await asyncio.wait((reading,), timeout=LOOK_S)
    return {
        "rss_mib_before": round(before / MEBIBYTE, 1),
        "rss_mib_waiting": round(waiting / MEBIBYTE, 1),
        "rss_mib_highest": round(highest / MEBIBYTE, 1),
        "mib_a_reader_waiting": round((waiting - before) / readers / MEBIBYTE, 3),
        "mib_a_reader_at_most": round((max(highest, waiting) - before) / readers / MEBIBYTE, 3),
        "read_bytes": taken + sum(await reading),
    }


async def _drained(answer: aiohttp.ClientResponse) -> int:
    size = 0
    async for piece in answer.content.iter_any():
        size += len(piece)
    return size
