"""Which schema this release wants, and whether a file has it. Loads neither SQLAlchemy nor Alembic."""

import sqlite3
from contextlib import closing
from pathlib import Path

HEAD = "0009"
"""The latest of engine.storage.migrations."""


def is_current(path: Path) -> bool:
    """A file that is missing or no database is not."""
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as connection:
        try:
            return revisions(connection) == [HEAD]
        except sqlite3.DatabaseError:
            return False


def revisions(connection: sqlite3.Connection) -> list[str]:
    """What Alembic noted in the database: one, or none in an empty one."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall():
        return []
    return [number for (number,) in connection.execute("SELECT version_num FROM alembic_version").fetchall()]
