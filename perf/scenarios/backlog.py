"""Makes a file with any number of jobs in the store's own schema, faster than the store would.

What a job of each kind looks like is asked of the store itself; the rows are copies, their indexes made afterwards.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, time

from engine.jobs.command import Submit
from engine.jobs.job import Job
from engine.jobs.outcome import ErrorType, Failure
from engine.jobs.request import Request
from engine.jobs.verdict import Failed, Settlement
from engine.runtime import inline
from engine.storage.clock import StoreClock
from engine.storage.migrate import migrate
from engine.storage.sqlite import SqliteStore

A_DAY_S = 86_400.0
FINISHED_SHARE = 0.4
"""The oldest; of the others every third is delayed."""
INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
COLUMNS = "SELECT name FROM pragma_table_info(?)"
KINDS = ("finished", "delayed", "queued")
NEW = {
    "id": "printf('job_%012d', i)",
    "url": "printf('http://host%d.test/a/page/of/it/%d', i % :hosts, i)",
    "host": "printf('host%d.test', i % :hosts)",
    "lane": "printf('host%d.test', i % :hosts)",
    "rank": ":now + i * 0.001",
    "created_at": ":now + i * 0.001",
    "updated_at": ":now + i * 0.001",
    "due_at": "CASE WHEN sample.due_at IS NULL THEN NULL ELSE sample.due_at + i * 0.001 END",
}
ROWS = """
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
    INSERT INTO jobs ({columns}) SELECT {values} FROM n CROSS JOIN jobs AS sample ON sample.id =
        CASE WHEN i < :finished THEN 'finished' WHEN i % 3 = 0 THEN 'delayed' ELSE 'queued' END
"""
LANES = """
    INSERT INTO lanes (lane, queued, in_flight, turn)
    SELECT lane, count(*), 0, min(created_at) FROM jobs WHERE status = 'queued' AND due_at IS NULL GROUP BY lane
"""
COUNTS = """
    INSERT INTO counts (batch_id, status, n) SELECT '', status, count(*) FROM jobs GROUP BY status
    UNION ALL SELECT '', 'scheduled', count(*) FROM jobs WHERE due_at IS NOT NULL
"""
DAYS = """
    INSERT INTO daily (day, scraper_type, created, completed, failed, cancelled, answered, answered_us)
    SELECT CAST(created_at / 86400 AS INTEGER) AS day, scraper_type, count(*), sum(status = 'completed'),
        sum(status = 'failed'), sum(status = 'cancelled'), 0, 0
    FROM jobs GROUP BY day, scraper_type
"""


async def build(path: Path, *, rows: int, hosts: int) -> None:
    """The file is complete and closed on return."""
    migrate(f"sqlite:///{path}")
    await _sample(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        with _without_indexes(connection):
            _fill(connection, rows, hosts)
        connection.execute("DELETE FROM lanes")
        connection.execute("DELETE FROM counts")
        connection.execute("DELETE FROM daily")
        connection.execute(LANES)
        connection.execute(COUNTS)
        connection.execute(DAYS)
        connection.execute("PRAGMA journal_mode = WAL").fetchall()


async def _sample(path: Path) -> None:
    """A job of each kind, as the store writes it."""
    clock = StoreClock(wall=time, monotonic=monotonic)
    store = await SqliteStore.open(path, write=inline, read=inline, clock=clock)
    now = clock.now()
    await store.commit([Submit(jobs=(_job("finished", now),))])
    (lease,) = await store.claim(1, owner="nobody", lease_s=1.0)
    failure = Failure(error_type=ErrorType.CONNECT, message="nobody was there", may_have_left=False)
    verdict = Failed(error_type=ErrorType.CONNECT, message=failure.message)
    await store.settle([Settlement(lease=lease, outcome=failure, verdict=verdict)])
    await store.commit([Submit(jobs=(_job("queued", now), _job("delayed", now, due_at=now + A_DAY_S)))])
    await store.close()


def _job(name: str, now: float, *, due_at: float | None = None) -> Job:
    request = Request(url="http://host.test/", host="host.test")
    return Job(id=name, request=request, created_at=now, updated_at=now, due_at=due_at)


@contextmanager
def _without_indexes(connection: sqlite3.Connection) -> Iterator[None]:
    indexes: Sequence[tuple[str, str]] = connection.execute(INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, text in indexes:
        connection.execute(text)


def _fill(connection: sqlite3.Connection, rows: int, hosts: int) -> None:
    columns = [name for (name,) in connection.execute(COLUMNS, ("jobs",)).fetchall()]
    values = [NEW.get(column, f"sample.{column}") for column in columns]
    told = {
        "rows": rows,
        "hosts": hosts,
        "finished": int(rows * FINISHED_SHARE),
        "now": time() - A_DAY_S - rows * 0.001,
    }
    connection.execute("BEGIN")
    connection.execute(ROWS.format(columns=", ".join(columns), values=", ".join(values)), told)
    connection.executemany("DELETE FROM jobs WHERE id = ?", [(kind,) for kind in KINDS])
    connection.execute("COMMIT")
