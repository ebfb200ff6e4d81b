"""Measures bulk submits through the API, ten thousand jobs a request, against the same rows through bare sqlite3.

In interleaved pairs, both in one durable transaction a batch. Jobs are for tomorrow, so that none is fetched.
"""

import asyncio
import sqlite3
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, time

import aiohttp
import orjson
import uvloop

from engine.storage.migrate import migrate
from engine.storage.sqlite.connection import open_writer
from perf.pairs import Pairs
from perf.process import running
from perf.report import Result

HOSTS = 8
ANSWERED_WITHIN = aiohttp.ClientTimeout(total=60)
INSERT = """
    INSERT INTO jobs (id, status, scraper_type, url, host, method, priority, batch_id, lane, rank, created_at,
        updated_at, due_at, fence, attempts, losses, ran_s)
    VALUES (?1, 'queued', 'http', ?2, ?3, 'GET', 0, ?4, ?5, ?6, ?7, ?7, ?6, 0, 0, 0, 0.0)
"""
Row = tuple[str, str, str, str, str, float, float]


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=10_000, help="a request")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--server-cpu", type=int, default=0)
    parser.add_argument("--bar", type=float, default=0.15)


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_pairs(args))


async def _pairs(args: Namespace) -> Result:
    bare: list[float] = []
    ours: list[float] = []
    body = _body(args.jobs)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bare.db"
        migrate(f"sqlite:///{path}")
        environment = {"DATABASE_URL": f"sqlite:///{Path(folder) / 'ours.db'}", "PORT": "0", "LOG_FORMAT": "json"}
        async with (
            running("actors", ("serve",), cpu=args.server_cpu, env=environment) as daemon,
            aiohttp.ClientSession(timeout=ANSWERED_WITHIN) as session,
        ):
            with closing(open_writer(path)) as connection:
                for number in range(args.rounds):
                    bare.append(_inserted(connection, _rows(number, args.jobs)))
                    ours.append(args.jobs / await _submitted_s(session, daemon.url, body))
    return _result(args, bare, ours)


def _result(args: Namespace, bare: Sequence[float], ours: Sequence[float]) -> Result:
    pairs = Pairs(unit="jobs/s", ours=ours, bare=bare)
    numbers = {
        **pairs.spread(),
        "jobs_per_s": round(median(ours)),
        "bare_per_s": round(median(bare)),
    }
    broken = [f"bulk submits reach {numbers['ratio']} of bare inserts, less than {args.bar}"]
    is_broken = numbers["ratio"] < args.bar
    return Result(
        scenario="bulk_submit",
        settings=vars(args),
        numbers=numbers,
        pairs={"bulk": pairs},
        broken=broken if is_broken else (),
    )


def _inserted(connection: sqlite3.Connection, rows: Sequence[Row]) -> float:
    """Rows a second."""
    began = perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(INSERT, rows)
    connection.execute("COMMIT")
    return len(rows) / (perf_counter() - began)


async def _submitted_s(session: aiohttp.ClientSession, url: str, body: bytes) -> float:
    began = perf_counter()
    headers = {"Content-Type": "application/json"}
    async with session.post(f"{url}/api/v1/scrape/bulk", data=body, headers=headers) as answer:
        told = await answer.read()
        if answer.status != 202:
            raise ValueError(f"{answer.status} for a bulk submit: {told[:500]!r}")
    return perf_counter() - began


def _body(jobs: int) -> bytes:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    return orjson.dumps({"jobs": [{"url": _url(n), "run_at": tomorrow} for n in range(jobs)]})


def _rows(number: int, jobs: int) -> list[Row]:
    now, batch = time(), f"batch_{number}"
    ids = count(number * jobs)
    return [
        (f"job_{next(ids):036}", _url(n), _host(n), batch, f"{_host(n)} {batch}", now + 86_400, now)
        for n in range(jobs)
    ]


def _url(n: int) -> str:
    return f"http://{_host(n)}/a/page/{n}"


def _host(n: int) -> str:
    return f"host{n % HOSTS}.test"
