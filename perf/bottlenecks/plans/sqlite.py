"""Asks a SQLite file, on a connection that only reads; what reads is made once, to see what it takes alone."""

import json
import re
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.query import JobQuery
from engine.storage.figure_rows import IDS_AT_MOST
from engine.storage.sqlite import claims, daily, figures, jobs, leases, promotes, results, search, standing
from engine.storage.sqlite.connection import open_reader
from engine.storage.sqlite.walk import walks
from perf.bottlenecks.evidence import Plan

WITHIN_S = 2.0
LOOK_EVERY = 100_000
"""Steps of SQLite's machine between two looks at the clock."""
A_CLAIM = 64
FROM_END_TO_END = re.compile(r"^SCAN (?!\(|CONSTANT|\d+ CONSTANT)(\S+)$")
"""Of a table; a walk along an index, or over values, is another thing."""
MADE = ("CO-ROUTINE ", "MATERIALIZE ")
"""What the statement makes for itself is gone through as well, and is no table."""
ANY_LANE = "SELECT lane FROM lanes WHERE queued > 0 LIMIT 1"
ANY_JOB = "SELECT id, scraper_type FROM jobs LIMIT 1"


class Statement(NamedTuple):
    """One that reads."""

    query: str
    name: str
    text: str
    values: tuple[Any, ...]


def plans(path: Path, queries: Collection[str]) -> tuple[Plan, ...]:
    """Of the statements of these queries that are known. Raises sqlite3.Error."""
    with closing(open_reader(path)) as connection:
        return tuple(_plan(connection, each) for each in _statements(connection) if each.query in queries)


def _statements(connection: sqlite3.Connection) -> Iterator[Statement]:
    """With values as the store would give them."""
    lane = [found for (found,) in connection.execute(ANY_LANE).fetchall()]
    job_id, kind = next(iter(connection.execute(ANY_JOB).fetchall()), ("", "http"))
    now, lanes, ids = time.time(), json.dumps(lane), json.dumps([job_id])
    today = int(now // 86400)
    listed = JobQuery()
    yield Statement("claim", "next lanes", claims.NEXT, (A_CLAIM,))
    yield Statement("claim", "lowest ranks of a lane", claims.LOWEST, (lanes, A_CLAIM, now, PRIORITY_STRETCH_S))
    yield Statement("settle", "where jobs stand", standing.STANDINGS, (ids,))
    yield Statement("promote", "what is due", promotes.DUE, (now, A_CLAIM))
    yield Statement("rescue", "leases that ended", leases.ENDED, (now, "[]", A_CLAIM))
    yield Statement("get", "a job", jobs.JOB, (job_id,))
    yield Statement("result", "a job and its page", results.RESULT, (job_id,))
    yield Statement("find", "a page of the list", *_pair(search.page(listed, walks(listed, [kind]))))
    yield Statement("queue", "what runs", figures.RUNNING, (IDS_AT_MOST,))
    yield Statement("counts", "jobs by status", figures.COUNTS, ())
    yield Statement("stats", "jobs by day", daily.STATS, (today, today, 0.0, now))


def _pair(found: tuple[str, list[Any]]) -> tuple[str, tuple[Any, ...]]:
    return found[0], tuple(found[1])


def _plan(connection: sqlite3.Connection, statement: Statement) -> Plan:
    steps = tuple(row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values))
    made = {step.split()[1] for step in steps if step.startswith(MADE)}
    found = [match[1] for step in steps if (match := FROM_END_TO_END.match(step)) and match[1] not in made]
    scans = tuple(_table(alias, statement.text) for alias in found)
    return Plan(
        query=statement.query,
        statement=statement.name,
        steps=steps,
        scans=scans,
        took_s=round(_took_s(connection, statement), 6),
    )


def _table(alias: str, text: str) -> str:
    """What the plan calls as the statement does, by its own name."""
    named = re.search(rf"(\w+) AS {alias}\b", text)
    return named[1] if named else alias


def _took_s(connection: sqlite3.Connection, statement: Statement) -> float:
    """The limit, where it takes longer."""
    ends_at = time.monotonic() + WITHIN_S
    connection.set_progress_handler(lambda: time.monotonic() > ends_at, LOOK_EVERY)
    began = time.perf_counter()
    with suppress(sqlite3.OperationalError):
        connection.execute(statement.text, statement.values).fetchall()
    return time.perf_counter() - began
