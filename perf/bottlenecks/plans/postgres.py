"""Asks a PostgreSQL server for its plans, on a connection of its own; nothing is carried out."""

import re
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import asyncpg

from engine.jobs.query import JobQuery
from engine.storage.address import dsn
from engine.storage.postgres import claims, daily, figures, jobs, promotes, results, search, standing
from engine.storage.postgres.arrays import told
from engine.storage.postgres.session import BY_KEY
from engine.storage.postgres.walk import walk
from perf.bottlenecks.evidence import Plan

WITHIN_S = 5.0
A_CLAIM = 64
SCAN = re.compile(r"(Seq |Index |Index Only |Bitmap Heap )Scan(?: using \w+)? on (\w+)")
SEQUENTIAL = "Seq "
FILTER = re.compile(r"^\s*Filter: .*= \w+\.\w+")
"""By what another table says: no index knows it, and rows are read to be thrown away."""


class Statement(NamedTuple):
    query: str
    name: str
    text: str
    values: Sequence[Any]


async def plans(url: str, queries: Collection[str]) -> tuple[Plan, ...]:
    """Of the statements of these queries that are known. Raises asyncpg.PostgresError, OSError, TimeoutError."""
    settings = {"application_name": "cfscraper-bottlenecks", **BY_KEY}
    connection = await asyncpg.connect(dsn(url), timeout=WITHIN_S, command_timeout=WITHIN_S, server_settings=settings)
    try:
        return tuple([await _plan(connection, each) for each in _statements() if each.query in queries])
    finally:
        await connection.close(timeout=WITHIN_S)


def _statements() -> Sequence[Statement]:
    now, listed = time.time(), JobQuery()
    today = int(now // 86400)
    lane, nothing = told(["lane"]), told([0])
    taken = (lane, nothing, nothing, told([A_CLAIM]), "nobody", now, now, nothing, 0.0, nothing)
    return (
        Statement("claim", "next lanes", claims.NEXT, (A_CLAIM, 0.0)),
        Statement("claim", "lowest ranks of a lane", claims.TAKE, taken),
        Statement("settle", "where jobs stand", standing.STANDINGS, (["job"],)),
        Statement("promote", "what is due", promotes.PROMOTE, (now, A_CLAIM)),
        Statement("get", "a job", jobs.JOB, ("job",)),
        Statement("result", "a job and its page", results.RESULT, ("job",)),
        Statement("find", "a page of the list", *search.page(listed, walk(listed))),
        Statement("queue", "what runs", figures.QUEUE, ()),
        Statement("counts", "jobs by status", figures.COUNTS, ()),
        Statement("stats", "jobs by day", daily.STATS, (today, today, 0.0, now)),
    )


async def _plan(connection: asyncpg.Connection, statement: Statement) -> Plan:
    steps = [line for (line,) in await connection.fetch(f"EXPLAIN {statement.text}", *statement.values)]
    return Plan(query=statement.query, statement=statement.name, steps=tuple(steps), scans=tuple(_gone_through(steps)))


def _gone_through(steps: Sequence[str]) -> Iterator[str]:
    table = ""
    for step in steps:
        found = SCAN.search(step)
        if found and found[1] == SEQUENTIAL:
            yield found[2]
        if found or "->" in step:
            table = found[2] if found else ""
        elif table and FILTER.match(step):
            yield table
