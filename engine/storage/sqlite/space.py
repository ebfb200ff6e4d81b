"""Pages of the file that hold nothing any more: what comes next takes them, and what stays too many goes back."""

import sqlite3

KEPT_SHARE = 4
"""One page in so many may be empty."""
STEP_PAGES = 256
"""Moved and cut at once: two mebibytes."""


def excess(connection: sqlite3.Connection) -> int:
    """How many pages are empty beyond those that may be."""
    ((empty,),) = connection.execute("PRAGMA freelist_count").fetchall()
    ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
    return max(0, int(empty) - int(pages) // KEPT_SHARE)


def cut(connection: sqlite3.Connection, pages: int) -> None:
    """Gives so many back to the disk. As a script, of which all steps are made: this pragma takes one for each page."""
    connection.executescript(f"PRAGMA incremental_vacuum({pages})")
