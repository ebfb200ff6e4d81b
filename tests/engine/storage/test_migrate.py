"""Migrations: they make the schema that the metadata says, once, and can be killed at any statement."""

import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from engine.errors import StoreDamagedError, StoreError, StoreInUseError
from engine.runtime import inline
from engine.storage.check import check
from engine.storage.lock import FileLock
from engine.storage.migrate import alembic_config, migrate
from engine.storage.revision import HEAD, is_current
from engine.storage.schema import metadata
from engine.storage.sqlite import SqliteStore
from tests.contracts.jobs import claim, new_job, submit
from tests.contracts.stores import START, Hand, a_file

WAITS = """
import signal, sys
from sqlalchemy import Engine, event
from engine.storage.migrate import migrate

left = int(sys.argv[2])

@event.listens_for(Engine, "after_cursor_execute")
def stop(*_):
    global left
    left -= 1
    if left == 0:
        print("there", flush=True)
        signal.pause()

migrate(sys.argv[1])
"""
"""Migrates up to a statement and waits there, the transaction open."""

OLD_JOB = """
    INSERT INTO batches (id, total, created_at) VALUES ('batch_1', 1, 1.0);
    INSERT INTO jobs (id, status, scraper_type, url, host, method, priority, batch_id, lane, rank, created_at,
        updated_at, fence, attempts, losses, ran_s)
    VALUES ('job_1', 'queued', 'http', 'http://a.test/', 'a.test', 'GET', 0, 'batch_1', 'a.test batch_1', 1.0, 1.0,
        1.0, 0, 0, 0, 0.0);
    INSERT INTO jobs (id, status, scraper_type, url, host, method, priority, lane, rank, created_at, updated_at,
        completed_at, fence, attempts, losses, ran_s)
    VALUES ('job_2', 'completed', 'http', 'http://a.test/', 'a.test', 'GET', 0, 'a.test', 1.0, 86400.0, 2.0, 2.0, 1, 1,
        0, 0.25);
    INSERT INTO job_results (job_id, fence, status_code, final_url, headers, content_type, size, elapsed_s)
    VALUES ('job_2', 1, 200, 'http://a.test/', '[]', 'text/html', 0, 0.25);
    INSERT INTO lanes (lane, queued, in_flight, turn) VALUES ('a.test batch_1', 1, 0, 1.0);
    INSERT INTO counts (batch_id, status, n) VALUES ('', 'queued', 1), ('batch_1', 'queued', 1), ('', 'completed', 1);
"""


def _schema(path: Path) -> set[tuple[object, ...]]:
    """Columns, and the texts of indexes, whose conditions Alembic does not compare; a column may be a late one."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute(
            'SELECT t.name, wr, strict, c.name, c.type, "notnull", dflt_value, pk FROM pragma_table_list AS t '
            "JOIN pragma_table_info(t.name) AS c WHERE t.schema = 'main' AND t.type = 'table'"
        ).fetchall()
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql > ''").fetchall()
    kept = [row for row in tables if row[0] not in {"alembic_version", "sqlite_schema"}]
    return {*kept, *((name, "".join(text.split())) for name, text in indexes)}


def test_many_are_migrated_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.db" for number in range(8)]
    with ThreadPoolExecutor(len(paths)) as threads:
        list(threads.map(migrate, [f"sqlite:///{path}" for path in paths]))
    assert len({frozenset(_schema(path)) for path in paths}) == 1
    assert [check(path) for path in paths] == [[]] * len(paths)


def test_what_is_migrated_is_the_metadata(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/migrated.db")
    metadata.create_all(made := create_engine(f"sqlite:///{tmp_path}/made.db"))
    made.dispose()
    assert _schema(tmp_path / "migrated.db") == _schema(tmp_path / "made.db")
    migrated = create_engine(f"sqlite:///{tmp_path}/migrated.db")
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
    migrated.dispose()


def test_the_release_wants_the_latest_revision() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [HEAD]


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    assert not is_current(path)
    for _ in range(2):
        migrate(f"sqlite:///{path}")
        assert is_current(path)


def test_jobs_of_the_first_schema_are_there_and_counted_in_the_latest(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    database, orders = create_engine(f"sqlite:///{path}"), alembic_config()
    with database.connect() as connection:
        orders.attributes["connection"] = connection
        command.upgrade(orders, "0001")
    database.dispose()
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(OLD_JOB)
    migrate(f"sqlite:///{path}")
    assert check(path) == []
    with closing(sqlite3.connect(path)) as migrated:
        days = migrated.execute("SELECT day, created, completed, answered, answered_us FROM daily").fetchall()
    assert sorted(days) == [(0, 1, 0, 0, 0), (1, 1, 1, 1, 250_000)]


async def test_lanes_whose_turns_were_times_take_turns_with_others(tmp_path: Path) -> None:
    hand = Hand()
    path = a_file(tmp_path)
    store = await SqliteStore.open(path, write=inline, read=inline, clock=hand.clock())
    await submit(store, *(new_job(number, batch_id="batch_1") for number in range(10)))
    await store.close()
    with closing(sqlite3.connect(path)) as old, old:
        old.execute("UPDATE lanes SET turn = ?", (START + 0.25,))
    store = await SqliteStore.open(path, write=inline, read=inline, clock=hand.clock())
    await submit(store, *(new_job(number, batch_id="batch_2") for number in range(10, 20)))
    taken = [lease.job_id < "job_0010" for _ in range(10) for lease in await claim(store, 1)]
    await store.close()
    assert taken.count(True) == 5


def _killed_at(statement: int, path: Path) -> None:
    command = [sys.executable, "-c", WAITS, f"sqlite:///{path}", str(statement)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n"
        with pytest.raises(StoreInUseError):
            migrate(f"sqlite:///{path}")
        process.kill()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("statement", [8, 12, 20])
def test_who_was_killed_midway_starts_again(tmp_path: Path, statement: int) -> None:
    path = tmp_path / "jobs.db"
    for _ in range(2):
        _killed_at(statement, path)
        assert not is_current(path)
        assert _schema(path) == set()
    migrate(f"sqlite:///{path}")
    assert is_current(path)
    assert check(path) == []


def test_a_file_of_a_later_release_is_not_migrated(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as later, later:
        later.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"cannot be migrated: .*9999"):
        migrate(f"sqlite:///{path}")


def test_a_file_in_use_is_not_migrated(tmp_path: Path) -> None:
    with FileLock(tmp_path / "jobs.db"), pytest.raises(StoreInUseError):
        migrate(f"sqlite:///{tmp_path}/jobs.db")


def test_what_is_no_database_is_kept_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    path.write_bytes(b"these are notes, and nothing else\n" * 500)
    before = path.read_bytes()
    assert not is_current(path)
    with pytest.raises(StoreDamagedError, match=r"jobs\.db"):
        migrate(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_only_what_can_be_a_store_is_migrated() -> None:
    with pytest.raises(StoreError, match="no URL of a database"):
        migrate("mysql://somewhere/jobs")
