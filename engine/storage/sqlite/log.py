"""The write-ahead log's way into the file: maintenance, beside the writer."""

import sqlite3

CUT_AT_BYTES = 64 * 1024 * 1024
"""A log this long is moved wholly and cut, for which the writer has to pause."""


def checkpoint(connection: sqlite3.Connection) -> int:
    """Moves what no reader needs, without standing in anybody's way; returns the log's length in bytes."""
    ((_, pages, _),) = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    ((page_bytes,),) = connection.execute("PRAGMA page_size").fetchall()
    return int(pages * page_bytes)
