"""How the file is opened. It is never created here: its page size and the schema come with the migrations.

Page caches: 3 MiB for the writer, half of one for each reader; no memory map. A reader's is void with each commit, and
what its threads allocated for it stays theirs: with 2 MiB reads were no faster, and the process was 3 MB larger.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import NoneType

_SHARED = ("busy_timeout = 250", "mmap_size = 0")
_WRITER = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "wal_autocheckpoint = 0",  # checkpoints are maintenance
    "journal_size_limit = 67108864",
    "cache_size = -3072",  # a million jobs may cost a process no more than that
    "temp_store = MEMORY",  # a statement's own undo log: else a file is made and removed for each
)
_READER = ("query_only = ON", "cache_size = -512")
_STATEMENTS = 256
"""Prepared and kept by each connection."""


# For each None and each bytes Python looks for such an adapter, and where it finds none three times as long for others.
sqlite3.register_adapter(NoneType, {None: None}.__getitem__)
sqlite3.register_adapter(bytes, bytes)


def open_writer(path: Path) -> sqlite3.Connection:
    return _open(path, _WRITER)


def open_reader(path: Path) -> sqlite3.Connection:
    return _open(path, _READER)


def _open(path: Path, pragmas: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
    )
    for pragma in (*_SHARED, *pragmas):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection
