"""What counts against a limit: memory that the kernel cannot take back, and how hard it finds it to get some.

Page cache does not count: it goes when something else needs the room.
"""

import re
from dataclasses import dataclass

from engine.memory.kernel_files import KernelFiles
from engine.memory.limit import Limit, Source

KEPT = {
    1: ("total_rss", "total_shmem"),
    2: ("anon", "shmem", "kernel_stack", "pagetables", "percpu", "sock", "slab_unreclaimable"),
}
"""Of a group and all in it. Shared memory and files in a tmpfs stay, unlike other files' pages."""
STALLED = re.compile(r"^some avg10=(\d+(?:\.\d+)?)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    used_bytes: int
    stalled_percent: float | None
    """Of the last ten seconds, in which something had to wait for memory; None where nobody tells."""


def usage_of(files: KernelFiles, limit: Limit, *, page_bytes: int) -> Usage:
    """Of the group whose limit it is, with all its members; else of this process."""
    return Usage(used_bytes=_used_bytes(files, limit, page_bytes), stalled_percent=_stalled_percent(files, limit))


def _used_bytes(files: KernelFiles, limit: Limit, page_bytes: int) -> int:
    if limit.source is Source.DATA:
        return files.table(files.root / "proc/self/status").get("VmData", 0) * 1024
    if limit.group is not None:
        told = files.table(limit.group / "memory.stat")
        if told:
            return sum(told.get(name, 0) for name in KEPT[limit.version])
    pages = files.text(files.root / "proc/self/statm").split()
    which = 0 if limit.source is Source.ADDRESS_SPACE else 1
    return int(pages[which]) * page_bytes if len(pages) > which else 0


def _stalled_percent(files: KernelFiles, limit: Limit) -> float | None:
    """Of the group; of the machine only where its memory is the limit: others' trouble is not ours."""
    if limit.source is Source.GROUP and limit.group is not None and limit.version == 2:
        found = STALLED.search(files.text(limit.group / "memory.pressure"))
    elif limit.source is Source.MACHINE:
        found = STALLED.search(files.text(files.root / "proc/pressure/memory"))
    else:
        return None
    return float(found[1]) if found else None
