"""Reads in one look how much memory there is and how much of it is used."""

from dataclasses import dataclass

from engine.memory.kernel_files import KernelFiles
from engine.memory.limit import Limit, Limits
from engine.memory.usage import Usage, usage_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    limit: Limit
    usage: Usage

    @property
    def part(self) -> float:
        """How much of the limit is used; a limit of nothing is used up."""
        return self.usage.used_bytes / self.limit.limit_bytes if self.limit.limit_bytes else 1.0


class Gauge:
    """A look costs some hundred microseconds and waits for nothing."""

    def __init__(self, *, files: KernelFiles, page_bytes: int, told_bytes: int | None = None) -> None:
        self._files = files
        self._page_bytes = page_bytes
        self._limits = Limits(files=files, told_bytes=told_bytes)

    def read(self) -> Reading:
        limit = self._limits.read()
        return Reading(limit=limit, usage=usage_of(self._files, limit, page_bytes=self._page_bytes))
