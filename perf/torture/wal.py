"""Looks at what a dead process left in SQLite's write-ahead log (its format: sqlite.org/fileformat2.html, 4)."""

import struct
from collections.abc import Iterator
from pathlib import Path

HEADER = struct.Struct(">8I")
FRAME = struct.Struct(">6I")


def is_torn(wal: Path) -> bool:
    """Does it end in the middle of a transaction: in pages that no commit follows?"""
    commits = [pages_after_commit > 0 for pages_after_commit in _frames(wal)]
    return bool(commits) and not commits[-1]


def _frames(wal: Path) -> Iterator[int]:
    """Of each frame of the log's present round, the file's size in pages if it commits, else 0. Zeros are no round."""
    if not wal.exists() or wal.stat().st_size < HEADER.size:
        return
    with wal.open("rb") as file:
        _, _, page_bytes, _, *salts, _, _ = HEADER.unpack(file.read(HEADER.size))
        while page_bytes and len(head := file.read(FRAME.size)) == FRAME.size:
            _, pages_after_commit, *frame_salts, _, _ = FRAME.unpack(head)
            if frame_salts != salts:
                return
            yield pages_after_commit
            file.seek(page_bytes, 1)
