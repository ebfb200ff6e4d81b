"""Migrations: they make the schema that the metadata says, once, and can be killed at any statement."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from engine.errors import StoreDamagedError, StoreError, StoreInUseError
from engine.storage.check import check
from engine.storage.migrate import alembic_config, migrate
from engine.storage.revision import HEAD, is_current
from engine.storage.schema import metadata
from engine.storage.sqlite.lock import FileLock

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


def _schema(path: Path) -> set[tuple[str, str]]:
    """Table and index texts, whose columns and conditions Alembic does not compare."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {(name, "".join(text.split())) for name, text in rows if name != "alembic_version"}


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


def test_a_file_of_an_earlier_release_keeps_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    old = create_engine(f"sqlite:///{path}")
    orders = alembic_config()
    with old.begin() as connection:
        orders.attributes["connection"] = connection
        command.upgrade(orders, "0001")
        connection.execute(text("INSERT INTO counts (batch_id, status, n) VALUES ('', 'queued', 7)"))
    old.dispose()
    assert not is_current(path)
    migrate(f"sqlite:///{path}")
    assert is_current(path)
    with closing(sqlite3.connect(path)) as connection_after:
        assert connection_after.execute("SELECT n FROM counts").fetchall() == [(7,)]


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


def test_only_a_file_can_be_migrated() -> None:
    with pytest.raises(StoreError, match="database file"):
        migrate("postgresql://somewhere/jobs")
