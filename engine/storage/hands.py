"""The journals of all processes of this machine that work on one database server, in one folder, named by their owners.

A lock beside each tells that its process lives: the system lets it go when that ends, however it ends.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from urllib.parse import urlsplit

from engine.errors import StoreError, StoreInUseError
from engine.storage.journal import HandJournal, left_behind
from engine.storage.lock import FileLock
from engine.storage.slots import Left

SUFFIX = ".hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """What a process left that is gone; None if that cannot be known."""

    owner: str
    left: Left | None


def folder_of(url: str) -> Path:
    """Of the processes of this user on that database."""
    place = urlsplit(url)
    name = sha256(f"{place.hostname}:{place.port}{place.path}".encode()).hexdigest()[:16]
    return Path(gettempdir()) / f"cfscraper-{os.getuid()}-{name}"


@contextmanager
def journal_of_owner(folder: Path, owner: str) -> Iterator[HandJournal]:
    """Ours alone; who ends in order leaves nothing."""
    path = _made(folder) / f"{owner}{SUFFIX}"
    with FileLock(path):
        journal = HandJournal(path)
        try:
            yield journal
        finally:
            journal.close()
            _forget(path)


def orphans(folder: Path) -> Iterator[Orphan]:
    """One after the other, each ours until the next is asked for, and forgotten then."""
    for path in sorted(_made(folder).glob(f"*{SUFFIX}")):
        with suppress(StoreInUseError), FileLock(path):
            if path.exists():
                yield Orphan(owner=path.stem, left=left_behind(path))
                _forget(path)


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise StoreError(f"{folder} belongs to somebody else")
    return folder


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".lock").unlink(missing_ok=True)
