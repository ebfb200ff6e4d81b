"""Asks a PostgreSQL server for its plans, on a connection of its own; nothing is carried out."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import asyncpg

from engine.jobs.query import JobQuery
from engine.storage.address import dsn
from engine.storage.postgres import claims, daily, figures, jobs, promotes, results, search, standing
from engine.storage.postgres.session import OWN
from engine.storage.postgres.walk import walk
from perf.bottlenecks.evidence import Plan

WITHIN_S = 5.0
SCAN = re.compile(r"(Seq |Index |Index Only |Bitmap Heap )Scan(?: using \w+)? on (\w+)")
SEQUENTIAL = "Seq "
FILTER = re.compile(r"^\s*Filter: .*= \w+\.\w+")
"""By what another table says: no index knows it, and rows are read to be thrown away."""


class Statement(NamedTuple):
    query: str
    name: str
    text: str


_LISTED = JobQuery()
STATEMENTS = (
    Statement("claim", "next lanes", claims.NEXT),
    Statement("claim", "lowest ranks of a lane", claims.TAKE),
    Statement("settle", "where jobs stand", standing.STANDINGS),
    Statement("promote", "what is due", promotes.PROMOTE),
    Statement("get", "a job", jobs.JOB),
    Statement("result", "a job and its page", results.RESULT),
    Statement("find", "a page of the list", search.page(_LISTED, walk(_LISTED))[0]),
    Statement("queue", "what runs", figures.QUEUE),
    Statement("counts", "jobs by status", figures.COUNTS),
    Statement("stats", "jobs by day", daily.STATS),
)


async def plans(url: str, queries: Collection[str]) -> tuple[Plan, ...]:
    """Of the statements of these queries that are known. Raises asyncpg.PostgresError, OSError, TimeoutError."""
    settings = {"application_name": "cfscraper-bottlenecks", **OWN}
    connection = await asyncpg.connect(dsn(url), timeout=WITHIN_S, command_timeout=WITHIN_S, server_settings=settings)
    try:
        return tuple([await _plan(connection, each) for each in STATEMENTS if each.query in queries])
    finally:
        await connection.close(timeout=WITHIN_S)


async def _plan(connection: asyncpg.Connection, statement: Statement) -> Plan:
    """That of a session of the store, which is made for any values: it is told none."""
    prepared = await connection.prepare(statement.text)
    nothing = ", ".join("NULL" for _ in prepared.get_parameters())
    asked = f"EXPLAIN EXECUTE {prepared.get_name()}{nothing and f'({nothing})'}"
    steps = [line for (line,) in await connection.fetch(asked)]
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
