"""The control group a process is in, as the kernel tells it under /proc and shows it where groups are mounted.

Of version 1, 2 or both at once; of its path only as much as is visible from here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.memory.kernel_files import KernelFiles

ESCAPED = re.compile(r"\\([0-7]{3})")
"""A character of a path that would have divided the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Where a controller's group stands: its folder first, then those it is nested in."""

    version: int
    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """`shown` is the path, among all groups, of the one that stands at `at`."""

    version: int
    controllers: frozenset[str]
    shown: PurePosixPath
    at: PurePosixPath


def group_of(files: KernelFiles, controller: str) -> Group | None:
    """None where no group of the controller can be seen."""
    version, path = _path(files, controller)
    mounts = [each for each in _mounts(files) if each.version == version]
    if version == 1:
        mounts = [each for each in mounts if controller in each.controllers]
    chains = (tuple(_chain(files.root, mount, path)) for mount in mounts)
    folders = max(chains, key=len, default=())
    return Group(version=version, folders=folders) if folders else None


def _path(files: KernelFiles, controller: str) -> tuple[int, PurePosixPath]:
    """A controller that version 1 has is not in version 2, whose one hierarchy has no controllers in its line."""
    path = PurePosixPath("/")
    for line in files.text(files.root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, named = rest.partition(":")
        if controller in controllers.split(","):
            return 1, PurePosixPath(named)
        if not controllers and named:
            path = PurePosixPath(named)
    return 2, path


def _mounts(files: KernelFiles) -> Iterator[Mount]:
    for line in files.text(files.root / "proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        fields, (kind, *_, options) = before.split(" "), after.split(" ") if after.count(" ") >= 2 else ("", "")
        if kind in {"cgroup", "cgroup2"} and len(fields) > 4:
            yield Mount(
                version=2 if kind == "cgroup2" else 1,
                controllers=frozenset(options.split(",")),
                shown=PurePosixPath(_unescaped(fields[3])),
                at=PurePosixPath(_unescaped(fields[4])),
            )


def _chain(root: Path, mount: Mount, path: PurePosixPath) -> Iterator[Path]:
    """From our folder up to the mount's own; that one alone where ours is not below it."""
    below = path.relative_to(mount.shown) if path.is_relative_to(mount.shown) else PurePosixPath()
    if ".." in below.parts:
        below = PurePosixPath()
    top = root / mount.at.relative_to("/")
    for part in (below, *below.parents) if below.parts else (below,):
        if (folder := top / part).is_dir():
            yield folder


def _unescaped(field: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 8)), field)
