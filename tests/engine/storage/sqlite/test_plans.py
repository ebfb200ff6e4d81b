"""Each statement of the store goes through an index, and each index serves a statement."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.jobs.command import Cancel, CancelBatch, CancelMany, ClearQueue, DeleteMany, KeepChunk, Redrive, Submit
from engine.jobs.job import Batch
from engine.jobs.once import KEPT_S, Once
from engine.jobs.outcome import Chunks
from engine.jobs.ports import JobStore
from engine.jobs.query import JobQuery
from engine.jobs.stats import day_of
from engine.jobs.status import Status
from tests.contracts.jobs import LEASE_S, body_of, claim, done, failed, new_job, page_with, put_off
from tests.contracts.stores import START, Hand, a_file, sqlite

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
IN_ORDER_OF_CREATION: list[dict[str, Any]] = [
    {},
    {"offset": 40},
    {"after": (START, "job_0001")},
    {"after": (START, "job_0001"), "descending": False},
    {"statuses": (Status.QUEUED,)},
    {"statuses": (Status.QUEUED, Status.FAILED)},
    {"scraper_types": ("http",)},
    {"host": "site.test", "statuses": (Status.QUEUED,)},
    {"batch_id": "batch_1"},
    {"batch_id": "batch_1", "host": "site.test", "scraper_types": ("http",)},
    {"tags": ("red",)},
    {"tags": ("red", "blue"), "batch_id": "batch_1", "after": (START, "job_0001")},
    {"date_from": START, "date_to": START + 9},
    {"url_contains": "x"},
]


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
        await _a_day(store, hand)
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


async def _a_day(store: JobStore, hand: Hand) -> None:
    jobs = [new_job(number, tags=("red",), batch_id="batch_1", method="POST") for number in range(8)]
    await store.commit([Submit(jobs=tuple(jobs), batch=Batch(id="batch_1", total=8, created_at=START))])
    await store.commit([Submit(jobs=(new_job(8, due_at=START + 1),)), Cancel(job_id="job_0007")])
    leases = await claim(store, 5)
    await store.commit([KeepChunk(job_id=lease.job_id, fence=1, seq=0, data=b"x") for lease in leases])
    large = page_with(b"", chunks=Chunks(count=1, sha256="5f"))
    await store.settle([done(leases[0]), done(leases[1], large), failed(leases[2]), put_off(leases[3], START)])
    await store.renew(leases, lease_s=LEASE_S)
    await store.give_back(leases[:2], lost=True)
    await store.give_back(leases[4:])
    await claim(store, 2)
    await store.release("me")
    await claim(store, 2)
    hand.turn(LEASE_S)
    await store.rescue(10)
    await store.promote(10)
    await store.tidy(10)
    await store.commit([Redrive(job_ids=(leases[1].job_id, leases[2].job_id))])
    await store.commit([Submit(jobs=(new_job(9),), once=Once(key=key, digest="d", answer="{}")) for key in "aab"])
    hand.turn(KEPT_S)
    await store.tidy(10)
    await store.queue()
    await store.counts()
    await store.stats(day_of(START) - 7, day_of(START))
    for job_id in ("job_0008", "job_0000", "job_0004"):
        await store.explain(job_id)
    for lease in leases[:2]:
        await store.get(lease.job_id)
        await store.result(lease.job_id)
        await body_of(store, lease.job_id)
    for asked in IN_ORDER_OF_CREATION:
        await store.find(JobQuery(**asked))
    await _a_day_of_batches(store)


async def _a_day_of_batches(store: JobStore) -> None:
    batch = Batch(id="batch_2", total=6, created_at=START, parallel_limit=3, stop_on_error=True)
    jobs = tuple(new_job(number, batch_id="batch_2", host=f"{number}.test") for number in range(20, 26))
    late = new_job(26, due_at=START + 999)
    await store.commit([Submit(jobs=jobs, batch=batch), Submit(jobs=(late,))])
    leases = [lease for lease in await claim(store) if lease.job_id >= "job_0020"]
    await store.settle([done(leases[0])])
    await store.batch("batch_2")
    await store.commit([CancelMany(job_ids=("job_0021",)), CancelBatch(batch_id="batch_1", limit=100)])
    await store.settle([failed(lease) for lease in leases])
    await store.commit([ClearQueue(limit=100), DeleteMany(job_ids=("job_0000", "job_0020"), force=True)])


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
