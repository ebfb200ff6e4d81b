"""One process a file: a lock on a file beside it, which the system lets go when the process ends."""

import fcntl
import os
from pathlib import Path
from typing import Self

from engine.errors import StoreInUseError


class FileLock:
    """Held from `take` to `release`. The file stays: whoever removed it could lock another one of the same name."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._file: int | None = None

    def take(self) -> None:
        """Raises StoreInUseError at once if another has it."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(file)
            raise StoreInUseError(
                f"another process owns {self._path.with_suffix('')}; several processes need PostgreSQL"
            ) from error
        self._file = file

    def release(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
