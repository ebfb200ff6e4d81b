"""Each statement of the store goes through an index, and each index serves a statement."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.jobs.command import Submit
from engine.jobs.once import KEPT_S
from engine.jobs.query import JobQuery
from tests.contracts.day import a_day
from tests.contracts.jobs import new_job
from tests.contracts.stores import Hand, a_file, sqlite

TABLES = (
    "jobs",
    "job_tags",
    "job_results",
    "body_chunks",
    "lanes",
    "counts",
    "daily",
    "batches",
    "open_bodies",
    "idempotency_keys",
)
SCAN = re.compile(r"^SCAN (\w+)")
BEARABLE = {
    "SCAN jobs USING INDEX jobs_lease": "holds what runs, and no more",
    "SCAN jobs USING COVERING INDEX jobs_lease": "as above",
    "SCAN lanes USING INDEX lanes_turn": "in turn, until there are enough",
    "SCAN next USING INDEX lanes_turn": "as above",
    "SCAN batches USING INDEX batches_turn": "as above",
    "SCAN jobs USING INDEX jobs_claim": "all that wait are what it takes",
    "SCAN body": "bodies that are on their way: what it looks for",
    "SCAN open_bodies": "as above",
    "SCAN job_results": "the oldest, up to a limit",
}
SORTS_WHAT_IT_TAKES = ("AS lowest", "CROSS JOIN lanes")


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """All that is asked of SQLite from here on, values filled in."""
    asked: set[str] = set()
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def traced(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection = connect(*args, **kwargs)
        connection.set_trace_callback(asked.add)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    return asked


async def test_no_statement_goes_through_the_backlog_and_no_index_is_idle(
    statements: set[str], tmp_path: Path, hand: Hand
) -> None:
    async with sqlite(tmp_path, hand, result_ttl_s=KEPT_S / 2) as store:
        await a_day(store, hand)
    used: set[str] = set()
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as connection:
        for statement in sorted(statements):
            if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
                plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
                assert _offences(statement, plan) == [], statement
                used |= {name for line in plan for name in re.findall(r"INDEX (\w+)", line)}
        indexes = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert {name for name in indexes if not name.startswith("sqlite_")} - used == set()


def _offences(statement: str, plan: list[str]) -> list[str]:
    return [line for line in plan if _scans(line) or _sorts(statement, line)]


def _scans(line: str) -> bool:
    found = SCAN.match(line)
    return found is not None and found[1] in {*TABLES, "lowest", "body", "piece", "result"} and line not in BEARABLE


def _sorts(statement: str, line: str) -> bool:
    """Among those created at one time is no sort of the backlog ("FOR LAST TERM OF ORDER BY")."""
    return "TEMP B-TREE FOR ORDER BY" in line and not any(piece in statement for piece in SORTS_WHAT_IT_TAKES)


async def test_a_list_is_two_statements(statements: set[str], tmp_path: Path, hand: Hand) -> None:
    async with sqlite(tmp_path, hand) as store:
        await store.commit([Submit(jobs=tuple(new_job(number, tags=("red",)) for number in range(100)))])
        await store.get("job_0000")
        statements.clear()
        await store.find(JobQuery(limit=100))
    assert len([statement for statement in statements if "SELECT" in statement]) == 2


def test_the_file_is_laid_out_as_promised(tmp_path: Path) -> None:
    with closing(sqlite3.connect(a_file(tmp_path))) as connection:
        found = [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "auto_vacuum", "journal_mode")
        ]
    assert found == [8192, 2, "wal"]
