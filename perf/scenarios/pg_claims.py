"""What claim_contention asks, of PostgreSQL; and what a claim costs there after many others under somebody's snapshot.

As long as that is kept, nothing can be cleared away of what they leave behind.
"""

from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from random import random
from statistics import median
from time import monotonic, perf_counter

from engine.jobs.lease import Lease
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.opening import opened
from engine.storage.postgres.session import connected
from engine.storage.postgres.store import PostgresStore
from perf.scenarios.pg_backlog import PATIENT, database, fill
from perf.servers.postgres import a_postgres

LEASE_S = 600.0
WARM = 10
SIZE = "SELECT pg_database_size(current_database()) >> 20"


async def measured(args: Namespace) -> dict[str, float]:
    """Microseconds a claim of both, and of the large one before and after the others."""
    with a_postgres(shared_buffers="1GB", max_wal_size="4GB") as server:
        began = perf_counter()
        small_url, large_url = await database(server.url, "small"), await database(server.url, "large")
        await fill(small_url, rows=args.small, hosts=args.hosts)
        await fill(large_url, rows=args.large, hosts=args.hosts)
        built_s = perf_counter() - began
        async with AsyncExitStack() as stack:
            small = await stack.enter_async_context(_opened(small_url))
            large = await stack.enter_async_context(_opened(large_url))
            small_us, large_us = await _in_turn(small, large, args)
            numbers = compared(small_us, large_us, args.claimed)
            if args.held:
                await stack.enter_async_context(_snapshot(large_url))
                numbers |= await _many(large, args)
        return numbers | {"built_s": round(built_s, 1), "large_mib": await _mib(large_url)}


async def _in_turn(small: PostgresStore, large: PostgresStore, args: Namespace) -> tuple[list[float], list[float]]:
    taken: tuple[list[float], list[float]] = ([], [])
    for place in range(-WARM, args.rounds):
        for store, times in zip((small, large), taken, strict=True):
            leases, took_us = await _claimed(store, args.claimed)
            await store.give_back(leases)
            if place >= 0:
                times.append(took_us)
    return taken


async def _many(store: PostgresStore, args: Namespace) -> dict[str, float]:
    """None is given back: each is of other jobs."""
    times = [(await _claimed(store, args.claimed))[1] for _ in range(args.held // args.claimed + 2 * args.rounds)]
    first, last = median(times[: args.rounds]), median(times[-args.rounds :])
    return {
        "held_ratio": round(last / first, 3),
        "held_first_us_a_job": round(first / args.claimed, 2),
        "held_last_us_a_job": round(last / args.claimed, 2),
    }


async def _claimed(store: PostgresStore, room: int) -> tuple[list[Lease], float]:
    began = perf_counter()
    leases = await store.claim(room, owner="perf", lease_s=LEASE_S)
    took_us = (perf_counter() - began) * 1e6
    if len(leases) != room:
        raise ValueError(f"{len(leases)} jobs were claimed, not {room}")
    return list(leases), took_us


def compared(small_us: list[float], large_us: list[float], claimed: int) -> dict[str, float]:
    return {
        "ratio": round(median(large_us) / median(small_us), 3),
        "small_us_a_job": round(median(small_us) / claimed, 2),
        "large_us_a_job": round(median(large_us) / claimed, 2),
        "small_claim_ms_worst": round(max(small_us) / 1000, 2),
        "large_claim_ms_worst": round(max(large_us) / 1000, 2),
    }


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[PostgresStore]:
    async with opened(url, limits=PoolLimits(), clock=ServerClock(monotonic=monotonic), draw=random) as store:
        yield store


@asynccontextmanager
async def _snapshot(url: str) -> AsyncIterator[None]:
    """Somebody's report that takes for ever."""
    connection = await connected(url, PoolLimits(idle_in_transaction_s=3600.0))
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    await connection.execute("SELECT count(*) FROM batches")
    try:
        yield
    finally:
        await connection.close()


async def _mib(url: str) -> int:
    connection = await connected(url, PATIENT)
    found: int = await connection.fetchval(SIZE)
    await connection.close()
    return found
