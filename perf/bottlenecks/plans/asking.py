"""Asks whichever database it is for the plans of the queries that took the most time."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from perf.bottlenecks.evidence import Evidence, Plan
from perf.bottlenecks.plans import postgres, sqlite

MOST = 5
FILE = "sqlite:///"


async def plans(url: str | None, evidence: Evidence) -> tuple[tuple[Plan, ...], tuple[str, ...]]:
    """And why there are none, where there are none."""
    if url is None:
        return (), ("no plans: the database is not known (--database-url)",)
    queries = dearest(evidence)
    try:
        if url.startswith(FILE):
            return await asyncio.to_thread(sqlite.plans, Path(url.removeprefix(FILE)), queries), ()
        return await postgres.plans(url, queries), ()
    except (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        return (), (f"no plans: the database did not give them ({type(error).__name__})",)


def dearest(evidence: Evidence) -> Sequence[str]:
    """By all their time together; those that were slow come in any case."""
    ranked = sorted(evidence.queries, key=lambda name: evidence.queries[name].total_s, reverse=True)
    return [name for place, name in enumerate(ranked) if place < MOST or evidence.slow_queries.get(name)]
