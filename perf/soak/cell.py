"""A memory limit that the kernel holds a process to, where the machine lets us make one (cgroup v2 or v1).

A process that goes past it is killed by the kernel, which ends a soak as plainly as can be.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

MOUNT = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")
VERSIONS = (("", "memory.max"), ("memory", "memory.limit_in_bytes"))
"""Where the controller stands below the mount, and its file for the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A group of processes with a limit of its own."""

    path: Path

    def enter(self, pid: int) -> None:
        (self.path / "cgroup.procs").write_text(str(pid))


@contextmanager
def a_cell(limit_bytes: int, *, mount: Path = MOUNT) -> Iterator[Cell | None]:
    """None where none can be made. Whoever is inside has ended before it does."""
    cell = next(filter(None, (_made(mount / where, file, limit_bytes) for where, file in VERSIONS)), None)
    try:
        yield cell
    finally:
        if cell is not None:
            with suppress(OSError):
                cell.path.rmdir()


def _made(controller: Path, file: str, limit_bytes: int) -> Cell | None:
    """Below our own group, so that limits above it hold as well."""
    path = controller / _own_group(controller) / f"soak-{uuid4().hex[:12]}"
    try:
        path.mkdir()
    except OSError:
        return None
    try:
        with (path / file).open("r+") as limit:  # where no controller is, there is no such file, and none is to be made
            limit.write(str(limit_bytes))
    except OSError:
        path.rmdir()
        return None
    return Cell(path=path)


def _own_group(controller: Path) -> str:
    """By the line of /proc/self/cgroup that names the controller; v2's names none."""
    for line in OWN_GROUPS.read_text().splitlines():
        _, names, group = line.split(":", 2)
        if names == (controller.name if controller.name == "memory" else ""):
            return group.lstrip("/")
    return ""
