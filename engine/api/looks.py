"""What a look into the process brings, as far as the API tells it: allocations that stayed, threads, tasks."""

from collections.abc import Sequence
from typing import Protocol


class Growth(Protocol):
    """A line of code, and what of its allocations came to stay: differences, and what is held at the end."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def held_bytes(self) -> int: ...


class Growths(Protocol):
    """The largest first; and what is traced, and what tracing took."""

    @property
    def lines(self) -> Sequence[Growth]: ...
    @property
    def traced_bytes(self) -> int: ...
    @property
    def tracing_bytes(self) -> int: ...


class Stack(Protocol):
    """Where a thread was seen; `frames` are places in the profile's names, the outermost first."""

    @property
    def thread(self) -> str: ...
    @property
    def frames(self) -> Sequence[int]: ...
    @property
    def is_idle(self) -> bool: ...
    @property
    def samples(self) -> int: ...


class ThreadShare(Protocol):
    """One thread while it was looked at."""

    @property
    def name(self) -> str: ...
    @property
    def samples(self) -> int: ...
    @property
    def busy(self) -> int: ...
    @property
    def cpu_s(self) -> float: ...


class CpuProfile(Protocol):
    """Where the threads were, and how well that was seen."""

    @property
    def seconds(self) -> float: ...
    @property
    def looks(self) -> int: ...
    @property
    def late(self) -> int: ...
    @property
    def dropped(self) -> int: ...
    @property
    def threads(self) -> Sequence[ThreadShare]: ...
    @property
    def names(self) -> Sequence[str]: ...
    @property
    def stacks(self) -> Sequence[Stack]: ...


class Waiting(Protocol):
    """Tasks that wait in one place."""

    @property
    def count(self) -> int: ...
    @property
    def actors(self) -> Sequence[str]: ...
    @property
    def frames(self) -> Sequence[str]: ...


class TasksStanding(Protocol):
    """All tasks, by where they wait."""

    @property
    def total(self) -> int: ...
    @property
    def groups(self) -> Sequence[Waiting]: ...


class Profiler(Protocol):
    """One look at a time. Both raise ProfileUnderWayError or SnapshotUnderWayError."""

    async def cpu(self, seconds: float) -> CpuProfile: ...
    def tasks(self) -> TasksStanding: ...
