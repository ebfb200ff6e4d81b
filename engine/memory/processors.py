"""How many processors there are for this process: those it may run on, or the part of them that its groups grant."""

from collections.abc import Iterator
from pathlib import Path

from engine.memory.group import group_of
from engine.memory.kernel_files import KernelFiles


def processors(files: KernelFiles, *, allowed: int) -> float:
    """`allowed` is how many it may run on; a quota of one and a half processors is 1.5."""
    return min([float(allowed), *_quotas(files)])


def _quotas(files: KernelFiles) -> Iterator[float]:
    group = group_of(files, "cpu")
    for folder in group.folders if group is not None else ():
        quota, period = _of_v2(files, folder) if group is not None and group.version == 2 else _of_v1(files, folder)
        if quota is not None and period is not None and quota > 0 and period > 0:
            yield quota / period


def _of_v2(files: KernelFiles, folder: Path) -> tuple[int | None, int | None]:
    told = files.text(folder / "cpu.max").split()
    if len(told) != 2 or not all(map(str.isdecimal, told)):
        return None, None
    return int(told[0]), int(told[1])


def _of_v1(files: KernelFiles, folder: Path) -> tuple[int | None, int | None]:
    return files.number(folder / "cpu.cfs_quota_us"), files.number(folder / "cpu.cfs_period_us")
