"""The journal of fetches in hand, in a small file beside the database that is mapped into memory.

What is written there is with the system at once: it is there after a kill -9, and no call of the system is made for it.
All its bytes are allotted beforehand, for a map of what a full disk has no room for would end the process.
"""

import os
from mmap import mmap
from pathlib import Path

from engine.errors import StoreFullError
from engine.jobs.lease import Lease
from engine.storage.slots import EMPTY, FLAGS_AT, SLOT_BYTES, Left, head, left, slot

SLOTS = 4096
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def journal_of(database: Path) -> Path:
    return database.with_name(database.name + ".hand")


def left_behind(path: Path) -> Left | None:
    """What the last process here had in hand when it ended; None if that cannot be known."""
    try:
        return left(path.read_bytes(), _boot())
    except FileNotFoundError:
        return None


def close_left(path: Path) -> None:
    """Tells who looks next that somebody has looked; the notes stay."""
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        _write(file, head(_boot(), is_closed=True), 0)
    finally:
        os.close(file)


class HandJournal:
    """Empty at first, whatever the file held. Of one process, which owns the database."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _write(self._file, head(_boot()) + EMPTY * SLOTS, 0)
        os.truncate(self._file, (SLOTS + 1) * SLOT_BYTES)
        self._map = mmap(self._file, 0)
        self._free = list(range(SLOTS * SLOT_BYTES, 0, -SLOT_BYTES))

    def begin(self, lease: Lease, *, alone: bool) -> int:
        if not self._free:
            self._grow()
        place = self._free.pop()
        self._map[place : place + SLOT_BYTES] = slot(lease.job_id, lease.fence, alone=alone)
        return place

    def end(self, place: int) -> None:
        self._map[place + FLAGS_AT] = 0  # a slot without flags is as good as an empty one, and one byte is never torn
        self._free.append(place)

    def close(self) -> None:
        """Tells the next process that this one did not die. May be called again."""
        if not self._map.closed:
            self._map[:SLOT_BYTES] = head(_boot(), is_closed=True)
            self._map.close()
            os.close(self._file)

    def _grow(self) -> None:
        size = len(self._map)
        try:
            _write(self._file, EMPTY * SLOTS, size)
        except OSError as error:
            raise StoreFullError from error
        self._map.resize(size + SLOTS * SLOT_BYTES)
        self._free = list(range(size + (SLOTS - 1) * SLOT_BYTES, size - 1, -SLOT_BYTES))


def _write(file: int, data: bytes, at: int) -> None:
    """All of it: where room is scarce, a call may write a part."""
    while data:
        written = os.pwrite(file, data, at)
        data, at = data[written:], at + written


def _boot() -> bytes:
    try:
        return BOOT_ID.read_bytes().strip()
    except OSError:  # not every system tells
        return b""
