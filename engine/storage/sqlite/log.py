"""The write-ahead log: its room, and its way into the file, which is maintenance, beside the writer."""

import os
import sqlite3
from contextlib import suppress
from io import FileIO
from pathlib import Path

LONG_BYTES = 16 * 1024 * 1024
"""The writer pauses until a log this long is moved wholly, if it grows all along: to write over it costs less."""
SHARE = 32
"""Of the free room on the disk no more than one part in so many is allotted."""
_STEP = bytes(1024 * 1024)


def of(database: Path) -> Path:
    return database.with_name(database.name + "-wal")


def allot(log: Path, size: int) -> None:
    """Fills an empty log with zeros, on the disk; one in which anything stands is left as it is.

    To SQLite a log without a header is empty, and what follows the last page of a valid one is none of it: there stands
    what was written before the log began anew. Where the disk refuses, nothing is taken, and the log grows as it is
    written.
    """
    with suppress(OSError), log.open("ab", buffering=0) as file:
        if file.tell() == 0:
            disk = os.fstatvfs(file.fileno())
            try:
                _fill(file, min(size, disk.f_bavail * disk.f_frsize // SHARE))
            except OSError:
                file.truncate(0)


def _fill(file: FileIO, size: int) -> None:
    for _ in range(size // len(_STEP)):
        file.write(_STEP)
    os.fsync(file.fileno())


def checkpoint(connection: sqlite3.Connection) -> int:
    """Moves what no reader needs, without standing in anybody's way; returns the log's length in bytes before that.

    Where nothing is written meanwhile, what comes next is written over it.
    """
    ((_, pages, _),) = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    ((page_bytes,),) = connection.execute("PRAGMA page_size").fetchall()
    return int(pages * page_bytes)


def cut(connection: sqlite3.Connection) -> None:
    """Moves it wholly and makes the file empty, unless a reader is in the way for longer than a while."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
