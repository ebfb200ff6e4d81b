"""The journal of fetches in hand, as bytes: a head, then slots of a fixed size. Pure.

A slot that was torn by a death, or holds anything else, says nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from zlib import crc32

SLOT_BYTES = 64
LONGEST_ID = 50
MAGIC = b"cfhand1\n"

_HEAD = Struct("<8s40s?15x")
_SEAL = Struct("<I")
"""A checksum of what follows it."""
_NOTE = Struct(f"<BBQ{LONGEST_ID}s")
FLAGS_AT = _SEAL.size
_ALONE = 2
_BEGUN = 1
EMPTY = bytes(SLOT_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A fetch that had begun and not ended."""

    job_id: str
    fence: int
    alone: bool
    """Was it the only one in hand?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a process left."""

    begun: tuple[Begun, ...]
    is_closed: bool = False
    """Did it end in order, or did somebody look at it since?"""

    @property
    def acquits(self) -> bool:
        """Did it die with no suspect alone in hand?"""
        return not self.is_closed and not any(each.alone for each in self.begun)


def head(boot: bytes, *, is_closed: bool = False) -> bytes:
    """`boot` names the machine's run since it was switched on: what memory held is lost with it."""
    return _HEAD.pack(MAGIC, boot, is_closed)


def slot(job_id: str, fence: int, *, alone: bool) -> bytes:
    """Raises ValueError for an id that is too long."""
    name = job_id.encode()
    length = len(name)
    if length > LONGEST_ID:
        raise ValueError(f"the id {job_id} is longer than {LONGEST_ID} bytes")
    note = _NOTE.pack(_BEGUN | _ALONE if alone else _BEGUN, length, fence, name)
    return _SEAL.pack(crc32(note)) + note


def left(journal: bytes, boot: bytes) -> Left | None:
    """What it tells; None if it is no journal, or none of the time since that boot."""
    for is_closed in (False, True):
        if journal[:SLOT_BYTES] == head(boot, is_closed=is_closed):
            return Left(begun=tuple(_slots(journal)), is_closed=is_closed)
    return None


def _slots(journal: bytes) -> Iterator[Begun]:
    for start in range(SLOT_BYTES, len(journal) - SLOT_BYTES + 1, SLOT_BYTES):
        found = _read(journal[start : start + SLOT_BYTES])
        if found is not None:
            yield found


def _read(slot: bytes) -> Begun | None:
    (checksum,), note = _SEAL.unpack_from(slot), slot[_SEAL.size :]
    flags, length, fence, name = _NOTE.unpack(note)
    if not flags & _BEGUN or length > LONGEST_ID or checksum != crc32(note):
        return None
    return Begun(job_id=name[:length].decode(errors="replace"), fence=fence, alone=bool(flags & _ALONE))
