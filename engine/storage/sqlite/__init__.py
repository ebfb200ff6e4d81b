"""The JobStore on one SQLite file, in one process: one writer, a few readers, one transaction a call."""

from engine.storage.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
