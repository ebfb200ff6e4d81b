"""Whether a file may be written to: no more, for good, once anybody has seen damage in it, who only reads too."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from engine.errors import StoreDamagedError
from engine.storage.sqlite.faults import is_damage, translated


class Soundness:
    """Of one file; asked from any thread. A body whose checksum is wrong is the body's damage, not the file's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._damage: str | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """For who reads: what still can be read may be."""
        try:
            with translated(self._path):
                yield
        except StoreDamagedError as error:
            if isinstance(error.__cause__, sqlite3.Error) and is_damage(error.__cause__):
                self._damage = self._damage or str(error)
            raise

    @contextmanager
    def needed(self) -> Iterator[None]:
        """For who writes. Raises StoreDamagedError before anything is tried."""
        if self._damage is not None:
            raise StoreDamagedError(self._damage)
        with self.watched():
            yield

    @contextmanager
    def kept(self) -> Iterator[None]:
        """For who closes the file. The last to do so moves the log into it, unless it may only read."""
        if self._damage is None:
            yield
            return
        with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as last:
            with suppress(sqlite3.Error):
                last.execute("PRAGMA schema_version").fetchall()
            yield
