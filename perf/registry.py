"""Every scenario by its name, with the sentence that says what it measures.

A scenario is imported when it is run and not before, so one that needs an extra does not stop the others.
"""

from argparse import ArgumentParser, Namespace
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

from perf.report import Result

SENTENCES = MappingProxyType(
    {
        "api_gains": "GET of status, result, list and stats: caches off and on, a blocking call in each against none.",
        "bare_client": "Pages a second of a bare aiohttp client on a core of its own: the ceiling of every fetcher.",
        "bulk_submit": "Bulk submits through the API against the same rows through bare sqlite3, in interleaved pairs.",
        "cached_status": "GET of a finished job against a bare aiohttp.web handler, in interleaved pairs.",
        "claim_contention": "A claim among five million jobs against one among ten thousand, in interleaved batches.",
        "crash": "The daemon killed under load N times: every 202 against what is left.",
        "db_gains": "Queries through the pool against a connection each; the hot ones with indexes against none.",
        "deaths": "Users while an actor of each kind is killed every 10 s: uptime, failures, what became of each job.",
        "engine_on_postgres": "The engine on PostgreSQL against the engine on SQLite, in interleaved pairs.",
        "engine_vs_bare": "The whole engine against a bare aiohttp client on the same pages, in interleaved pairs.",
        "exposition": "Scrapes of /metrics from a daemon with a million queued jobs, at rest and under a flood.",
        "fleet": "Pages a second of 1, 2 and 4 processes on one PostgreSQL, interleaved; and a fleet at rest.",
        "footprint": "Start, rest, memory under a backlog, and fifty slow fetches at once, of a real daemon.",
        "governor": "Pages a second as governed from a cold start against fixed widths, and the way down in trouble.",
        "leak": "A planted leak of 1 MB per 1,000 pages found by its trend and by its line; --clean raises no alarm.",
        "mailbox": "A hop through a mailbox against one through an asyncio.Queue, in interleaved batches; and an ask.",
        "memory_gains": "Peak memory at the same load with credits, streaming, gc and malloc tuning off, each and all.",
        "pg_rates": "The store on PostgreSQL against a raw asyncpg loop for the same rows, in interleaved batches.",
        "profiling": "Processor time of a daemon for the same jobs, sampled and not, in interleaved pairs.",
        "soak_memory": "The daemon under a memory limit, a flood of submits and a web that sends anything.",
        "readers": "Memory of the daemon for each of fifty readers of a body of 100 MiB at once.",
        "redis_away": "Reads under a steady load while the Redis is killed, and while it hangs: failures and p99.",
        "rolling": "A rolling restart of four processes under load, behind a balancer: requests and jobs that fail.",
        "storage": "The SQLite store against the same rows through bare sqlite3, in interleaved batches.",
        "submit": "Durable single submits through the API against a bare aiohttp.web handler, in interleaved pairs.",
    }
)
BENCHES = frozenset({"mailbox", "storage"})
"""Of one part alone, without a daemon: these are in perf/bench."""


class Scenario(Protocol):
    """What a module in perf/scenarios offers, or a registered one in perf/bench."""

    def options(self, parser: ArgumentParser) -> None: ...

    def run(self, args: Namespace) -> Result: ...


def scenario(name: str) -> Scenario:
    """The module of that name; KeyError when it is not registered."""
    if name not in SENTENCES:
        raise KeyError(name)
    folder = "bench" if name in BENCHES else "scenarios"
    return cast("Scenario", import_module(f"perf.{folder}.{name}"))
