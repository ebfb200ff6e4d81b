"""The writer's connection, with a disk under it that fails as it is told to, and a power switch.

A death copies the file and its log as they are at that moment, in the middle of a transaction if need be; the next
process gets the copy, and with it neither the dead one's lock, nor its memory, nor what it had not committed.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

from engine.storage.check import miscounts

OF_THE_PROCESS = ("-shm", ".lock")
"""They mean nothing once their process is gone."""
COUNTED_EVERY = 8
"""Commits between two scans of the counts."""


class Death(StrEnum):
    """Where in a write the process dies."""

    WITHIN = "within a transaction"
    TORN = "within a commit"
    UNHEARD = "after a commit, before anybody heard of it"


class Platter:
    """Stands for one process's writing connection."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        path: Path,
        next_path: Path,
        random: Random,
        on_commit: Callable[["Platter"], None],
        on_death: Callable[[], None],
    ) -> None:
        self.error_in: int | None = None
        """So many statements from now one fails."""
        self.death_in: int | None = None
        self.death: Death | None = None
        self.is_full = False
        self._connection = connection
        self._path = path
        self._next_path = next_path
        self._random = random
        self._on_commit = on_commit
        self._on_death = on_death
        self._is_dead = False
        self._changes = connection.total_changes
        self._commits = 0

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def rows(self, text: str) -> list[Any]:
        return self._connection.execute(text).fetchall()

    def execute(self, text: str, values: Any = ()) -> sqlite3.Cursor:
        if self._is_dead:
            return self._connection.execute(text, values)
        if text == "COMMIT":
            return self._commit()
        self._count_down()
        cursor = self._connection.execute(text, values)
        if self.is_full and cursor.rowcount > 0:
            raise _error(sqlite3.SQLITE_FULL)
        return cursor

    def executemany(self, text: str, rows: Iterable[Any]) -> None:
        """A step a row, and each may be the one that fails."""
        for values in rows:
            self.execute(text, values)

    def empty(self) -> None:
        """There is room again."""
        self.is_full = False

    def heal(self) -> None:
        self.is_full = False
        self.error_in = self.death = None

    def die(self) -> None:
        """The power goes, or kill -9 comes: what was written is there, and nothing else."""
        self._is_dead = True
        self._next_path.parent.mkdir()
        for source in self._path.parent.glob(f"{self._path.name}*"):
            if not source.name.endswith(OF_THE_PROCESS):
                shutil.copyfile(source, self._next_path.with_name(source.name))
        self._on_death()

    def close(self) -> None:
        self._connection.close()

    def _count_down(self) -> None:
        if self.death is Death.WITHIN and self._connection.in_transaction:
            self.death_in = (self.death_in or 0) - 1
            if self.death_in < 0:
                self.die()
                self._tear(self._random.randrange(5000))
        if self.error_in is not None and self._connection.in_transaction:
            self.error_in -= 1
            if self.error_in < 0:
                self.error_in = None
                raise _error(sqlite3.SQLITE_IOERR)

    def _commit(self) -> sqlite3.Cursor:
        before = self._wal_bytes()
        done = self._connection.execute("COMMIT")
        if self._connection.total_changes == self._changes:
            return done
        self._changes = self._connection.total_changes
        after = self._wal_bytes()
        if self.death is Death.TORN and after > before:
            self.die()
            with _beside(self._next_path, "-wal").open("r+b") as log:
                log.truncate(self._random.randrange(before, after))
            return done
        self._commits += 1
        self._on_commit(self)
        if self.death in {Death.TORN, Death.UNHEARD}:
            self.die()
        return done

    def miscounts(self) -> list[str]:
        """Looked for every few commits."""
        return [] if self._commits % COUNTED_EVERY else list(miscounts(self._connection))

    def _wal_bytes(self) -> int:
        return _beside(self._path, "-wal").stat().st_size

    def _tear(self, count: int) -> None:
        """What was on its way to the disk arrived in part."""
        with _beside(self._next_path, "-wal").open("ab") as log:
            log.write(self._random.randbytes(count))


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("planted")
    error.sqlite_errorcode = code
    return error
