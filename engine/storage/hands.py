"""The journals of all processes of this machine that work on one database server, in one folder, named by their owners.

A lock beside each tells that its process lives: the system lets it go when that ends, however it ends. What a process
left is looked at twice: a claim that was on its way when its process died may be written after the first look.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from urllib.parse import urlsplit

from engine.errors import StoreError, StoreInUseError
from engine.storage.journal import HandJournal, close_left, left_behind
from engine.storage.lock import FileLock
from engine.storage.slots import Left

SUFFIX = ".hand"
SECOND_LOOK_S = 1.0
"""After the first. By then a server has written what was on its way to it, or knows that nobody is there any more."""


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


def orphans(folder: Path, *, now: float) -> Generator[Orphan, None, None]:
    """One after the other, each ours until the next is asked for; it is closed then, and at the second look forgotten.

    `now` is the wall's time, as that of files is.
    """
    for path in sorted(_made(folder).glob(f"*{SUFFIX}")):
        with suppress(StoreInUseError), FileLock(path):
            yield from _looked_at(path, now)


def _looked_at(path: Path, now: float) -> Generator[Orphan, None, None]:
    if not path.exists():
        _forget(path)  # who looked before us did; our own lock is left
        return
    left = left_behind(path)
    is_first = left is not None and not left.is_closed
    if is_first or abs(now - path.stat().st_mtime) >= SECOND_LOOK_S:
        yield Orphan(owner=path.stem, left=left)
        (close_left if is_first else _forget)(path)


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise StoreError(f"{folder} belongs to somebody else")
    return folder


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".lock").unlink(missing_ok=True)
