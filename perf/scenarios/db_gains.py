"""Measures what pooling and indexing gain: a connection of one's own against the pool, the schema with indexes and
without, each in interleaved rounds of one run on one server.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import uvloop

from perf.report import Result
from perf.scenarios.crowd import JOBS, crowded
from perf.scenarios.indexing import indexing
from perf.scenarios.pooling import pooling
from perf.servers.postgres import a_postgres

CROWD = "crowd"


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--users", type=int, default=10, help="who ask at once")
    parser.add_argument("--queries", type=int, default=20, help="of each user in a round")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--auth", default="scram-sha-256", help="how the server lets in, as in pg_hba.conf")
    parser.add_argument("--jobs", type=int, default=JOBS, help="among which the hot statements are run")
    parser.add_argument("--index-rounds", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=3, help="runs of each hot statement in a round")
    parser.add_argument("--claimed", type=int, default=10, help="jobs a claim")
    parser.add_argument("--claim", type=float, default=0.5, help="the gain that is claimed, of the median time")


def run(args: Namespace) -> Result:
    with a_postgres(auth=args.auth, shared_buffers="512MB") as server:
        numbers: dict[str, float] = dict(uvloop.run(pooling(server.url, args)))
        uvloop.run(_create(server.url))
        url = urlunsplit(urlsplit(server.url)._replace(path=f"/{CROWD}"))
        crowded(url, args.jobs)
        numbers |= uvloop.run(indexing(url, args))
    return Result(scenario="db_gains", settings=vars(args), numbers=numbers, broken=_broken(numbers, args.claim))


async def _create(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE DATABASE {CROWD}")
    finally:
        await connection.close()


def _broken(numbers: Mapping[str, float], claim: float) -> list[str]:
    gains = {name.removesuffix("gain_p50") or "pool_": gain for name, gain in numbers.items() if "gain_p50" in name}
    return [f"{name}gain is {gain}, less than {claim}" for name, gain in gains.items() if gain < claim]
