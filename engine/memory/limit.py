"""How much memory there is for this process: what it was told, or the tightest limit that the kernel sets it.

Read anew each time, for whoever runs the process may change it. The machine's own memory is never taken in silence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.memory.group import Group, group_of
from engine.memory.kernel_files import KernelFiles

FILES = {1: ("memory.limit_in_bytes",), 2: ("memory.max", "memory.high")}
"""Over memory.high the kernel does not end a process, but lets it hardly go on."""
RESOURCES = re.compile(r"^Max (address space|data size) +(\d+)", re.MULTILINE)
UNLIMITED = 1 << 60
"""So many bytes are no limit: version 1 of control groups says almost 2 to the 63 where none is set."""
OF_THE_MACHINE = "no limit was found, so the machine's whole memory is taken for one: set MEMORY_LIMIT"


class Source(StrEnum):
    """Who set a limit; each counts something else against it."""

    SETTING = "setting"
    GROUP = "group"
    ADDRESS_SPACE = "address_space"
    DATA = "data"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`where` it was read. `caution` is what whoever runs the process should know of it."""

    limit_bytes: int
    source: Source
    where: str
    group: Path | None = None
    """Whose members together may not use more."""
    version: int = 0
    """Of control groups."""
    caution: str = ""


class Limits:
    """Reads the limit. `told_bytes` overrides what is found."""

    def __init__(self, *, files: KernelFiles, told_bytes: int | None = None) -> None:
        self._files = files
        self._told_bytes = told_bytes
        self._group = group_of(files, "memory")
        self._machine_bytes = files.table(files.root / "proc/meminfo").get("MemTotal", UNLIMITED // 1024) * 1024

    def read(self) -> Limit:
        found = [each for each in self._found() if 0 <= each.limit_bytes < self._machine_bytes]
        tightest = min(found, key=lambda limit: limit.limit_bytes, default=None)
        if self._told_bytes is not None:
            return _told(self._told_bytes, tightest)
        if tightest is not None:
            return tightest
        return Limit(limit_bytes=self._machine_bytes, source=Source.MACHINE, where="MemTotal", caution=OF_THE_MACHINE)

    def _found(self) -> Iterator[Limit]:
        if self._group is not None:
            yield from self._of_group(self._group)
        for name, number in RESOURCES.findall(self._files.text(self._files.root / "proc/self/limits")):
            if name == "data size":
                yield Limit(limit_bytes=int(number), source=Source.DATA, where="RLIMIT_DATA")
            else:
                yield Limit(limit_bytes=int(number), source=Source.ADDRESS_SPACE, where="RLIMIT_AS")

    def _of_group(self, group: Group) -> Iterator[Limit]:
        for folder in group.folders:
            for file in FILES[group.version]:
                yield from _one(group, folder, folder / file, self._files.number(folder / file))
        if group.version == 1:  # groups above the mount are not seen, but what they come to is told
            where = group.folders[-1] / "memory.stat"
            yield from _one(group, group.folders[-1], where, self._files.table(where).get("hierarchical_memory_limit"))


def _one(group: Group, folder: Path, where: Path, number: int | None) -> Iterator[Limit]:
    if number is not None:
        yield Limit(limit_bytes=number, source=Source.GROUP, where=str(where), group=folder, version=group.version)


def _told(limit_bytes: int, tightest: Limit | None) -> Limit:
    caution = ""
    if tightest is not None and tightest.limit_bytes < limit_bytes:
        caution = f"only {tightest.limit_bytes} bytes are granted by {tightest.where}"
    return Limit(limit_bytes=limit_bytes, source=Source.SETTING, where="MEMORY_LIMIT", caution=caution)
