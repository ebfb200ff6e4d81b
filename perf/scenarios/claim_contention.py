"""Measures what a claim costs among five million jobs against what it costs among ten thousand.

Queued, delayed and finished ones, on the same number of hosts; in interleaved batches of one run. What was claimed is
given back after each, so that the backlog stays what it is.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, time

from engine.runtime import inline
from engine.storage.clock import StoreClock
from engine.storage.sqlite import SqliteStore
from perf.report import Result
from perf.scenarios.backlog import build
from perf.scenarios.pg_claims import compared, measured

LEASE_S = 60.0
WARM = 5
"""Rounds before those that count."""
TIDY_EVERY = 10


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=5_000_000)
    parser.add_argument("--hosts", type=int, default=8)
    parser.add_argument("--claimed", type=int, default=200, help="jobs a claim")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--bar", type=float, default=1.3)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--held", type=int, default=500_000, help="jobs claimed under somebody's snapshot (postgres)")
    parser.add_argument("--held-bar", type=float, default=3.0)


def run(args: Namespace) -> Result:
    numbers = asyncio.run(measured(args) if args.database == "postgres" else _rounds(args))
    broken = [
        f"{what}: a claim costs {numbers[what]} times as much, more than {bar}"
        for what, bar in (("ratio", args.bar), ("held_ratio", args.held_bar))
        if numbers.get(what, 0) > bar
    ]
    return Result(scenario="claim_contention", settings=vars(args), numbers=numbers, broken=broken)


async def _rounds(args: Namespace) -> dict[str, float]:
    small_us: list[float] = []
    large_us: list[float] = []
    with TemporaryDirectory() as folder:
        small_path, large_path = Path(folder) / "small.db", Path(folder) / "large.db"
        began = perf_counter()
        await build(small_path, rows=args.small, hosts=args.hosts)
        await build(large_path, rows=args.large, hosts=args.hosts)
        built_s = perf_counter() - began
        async with _opened(small_path) as small, _opened(large_path) as large:
            for place in range(-WARM, args.rounds):
                for store, taken in ((small, small_us), (large, large_us)):
                    took_us = await _claim_us(store, args.claimed)
                    if place >= 0:
                        taken.append(took_us)
                    if place % TIDY_EVERY == 0:
                        await store.tidy(1)
        return compared(small_us, large_us, args.claimed) | {
            "built_s": round(built_s, 1),
            "large_mib": large_path.stat().st_size >> 20,
        }


async def _claim_us(store: SqliteStore, room: int) -> float:
    began = perf_counter()
    leases = await store.claim(room, owner="perf", lease_s=LEASE_S)
    took_us = (perf_counter() - began) * 1e6
    if len(leases) != room:
        raise ValueError(f"{len(leases)} jobs were claimed, not {room}")
    await store.give_back(leases)
    return took_us


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[SqliteStore]:
    clock = StoreClock(wall=time, monotonic=monotonic)
    store = await SqliteStore.open(path, write=inline, read=inline, clock=clock)
    try:
        yield store
    finally:
        await store.close()
