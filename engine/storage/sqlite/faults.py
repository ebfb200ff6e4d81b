"""What sqlite3 raises, in the words of the engine. Translated here and nowhere else."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import (
    EngineError,
    QueryTooSlowError,
    RefusedDataError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
)

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_REFUSED = frozenset({sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE})


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Errors about values are RefusedDataError, all others a StoreError."""
    try:
        yield
    except (sqlite3.DataError, OverflowError, UnicodeEncodeError) as error:
        raise RefusedDataError(f"the database refuses a value: {error}") from error
    except sqlite3.Error as error:
        raise _translation(error, path) from error


def is_damage(error: sqlite3.Error) -> bool:
    return _code(error) in _DAMAGED


def _translation(error: sqlite3.Error, path: Path) -> EngineError:
    code = _code(error)
    if code in _DAMAGED:
        return StoreDamagedError(f"{path} is damaged ({error}): it is kept as it is; `cfscraper check` scans it")
    if code in _REFUSED:
        return RefusedDataError(f"the database refuses a value: {error}")
    if code == sqlite3.SQLITE_FULL:
        return StoreFullError()
    if code == sqlite3.SQLITE_INTERRUPT:
        return QueryTooSlowError()
    return StoreError(f"{path}: {error}")


def _code(error: sqlite3.Error) -> int:
    """An error of the module's own, a closed connection for one, carries none."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
