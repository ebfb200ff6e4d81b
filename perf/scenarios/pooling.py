"""Measures a query through the pool against one that opens a connection of its own, in interleaved rounds.

The same point read by as many users at once, on one server with durable commits; each side pays for what it does.
"""

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from time import monotonic, perf_counter

import asyncpg

from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.pool import Pool
from engine.storage.postgres.session import connected
from perf.percentile import percentile_ms

ROWS = 10_000
WARM = 1
"""Rounds before those that count."""
TABLE = """
    CREATE TABLE pages AS SELECT id, repeat('page ', 20) AS told FROM generate_series(1, 10000) AS id;
    ALTER TABLE pages ADD PRIMARY KEY (id)
"""
READ = "SELECT told FROM pages WHERE id = $1"
Query = Callable[[int], Awaitable[object]]


async def pooling(url: str, args: Namespace) -> dict[str, float]:
    limits = PoolLimits(size=args.users)
    pool = await Pool.open(url, limits=limits, clock=monotonic)

    async def alone(number: int) -> object:
        connection = await connected(url, limits)
        try:
            return await connection.fetchval(READ, number)
        finally:
            await connection.close()

    async def pooled(number: int) -> object:
        async with pool.connection() as connection:
            return await connection.fetchval(READ, number)

    try:
        async with pool.connection() as connection:
            await _prepare(connection)
        times: dict[str, list[float]] = {"alone": [], "pooled": []}
        ratios = []
        for place in range(-WARM, args.rounds):
            taken = {side: await _round(query, args) for side, query in (("alone", alone), ("pooled", pooled))}
            if place >= 0:
                ratios.append(median(taken["pooled"]) / median(taken["alone"]))
                for side, found in taken.items():
                    times[side] += found
    finally:
        await pool.close()
    return _numbers(times, ratios)


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.execute(TABLE)
    await connection.execute("ANALYZE pages")


async def _round(query: Query, args: Namespace) -> Sequence[float]:
    """What each query took, in seconds."""
    taken: list[float] = []

    async def user(first: int) -> None:
        for turn in range(args.queries):
            began = perf_counter()
            await query((first * 7919 + turn * 104_729) % ROWS + 1)
            taken.append(perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for number in range(args.users):
            group.create_task(user(number))
    return taken


def _numbers(times: dict[str, list[float]], ratios: Sequence[float]) -> dict[str, float]:
    numbers = {f"{side}_p{part}_ms": percentile_ms(found, part) for side, found in times.items() for part in (50, 95)}
    return numbers | {
        "gain_p50": round(1 - numbers["pooled_p50_ms"] / numbers["alone_p50_ms"], 3),
        "gain_p95": round(1 - numbers["pooled_p95_ms"] / numbers["alone_p95_ms"], 3),
        "ratio_least": round(min(ratios), 4),
        "ratio_most": round(max(ratios), 4),
    }
