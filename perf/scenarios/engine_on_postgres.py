"""Measures the engine on PostgreSQL against the engine on SQLite, on the same pages, in interleaved pairs.

The engine has a core of its own; the origin has the other, and the server what both leave.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from statistics import median

import uvloop

from perf.pairs import Pairs
from perf.process import running
from perf.report import Result
from perf.scenarios import bare_client
from perf.scenarios.engine_vs_bare import PAGES, POSTGRES, Round, measure_apart
from perf.scenarios.pg_backlog import passing_database
from perf.servers.postgres import a_postgres


def options(parser: ArgumentParser) -> None:
    bare_client.options(parser)
    parser.set_defaults(pages=PAGES[POSTGRES])
    parser.add_argument("--bar", type=float, default=0.9)


def run(args: Namespace) -> Result:
    with (
        a_postgres(shared_buffers="256MB", max_wal_size="4GB") as server,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        sqlite, postgres = runner.run(_pairs(server.url, args))
    pairs = Pairs(
        unit="pages/s", ours=[each.pages_per_s for each in postgres], bare=[each.pages_per_s for each in sqlite]
    )
    numbers = {
        **pairs.spread(),
        "postgres_pages_per_s": round(median(each.pages_per_s for each in postgres)),
        "sqlite_pages_per_s": round(median(each.pages_per_s for each in sqlite)),
        "postgres_rounds": [asdict(each) for each in postgres],
        "sqlite_rounds": [asdict(each) for each in sqlite],
    }
    broken = [f"it reaches {numbers['ratio']} of what it does on SQLite, less than {args.bar}"]
    return Result(
        scenario="engine_on_postgres",
        settings=vars(args),
        numbers=numbers,
        pairs={"pages": pairs},
        broken=broken * (median(pairs.ratios) < args.bar),
    )


async def _pairs(url: str, args: Namespace) -> tuple[list[Round], list[Round]]:
    what = {"pages": args.pages, "concurrency": args.concurrency, "cpu": args.client_cpu}
    sqlite, postgres = [], []
    async with running("perf", ("origin", f"--seed={args.seed}"), cpu=args.origin_cpu) as origin:
        await bare_client.promised_bytes(origin=origin.url, pages=args.pages)
        for place in range(args.rounds):
            sqlite.append(await measure_apart(origin=origin.url, **what))
            async with passing_database(url, f"round_{place}") as empty:
                postgres.append(await measure_apart(origin=origin.url, **what, database=empty))
    return sqlite, postgres
