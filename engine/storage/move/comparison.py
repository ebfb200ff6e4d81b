"""What both sides of a move hold, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

JOBS_BY_STATUS = "SELECT status, count(*) FROM jobs GROUP BY status"
STANDING = "SELECT id, status, fence, updated_at FROM jobs ORDER BY id"
"""What changes of a job whatever becomes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """So many rows of one kind there are."""

    what: str
    source: int
    target: int

    @property
    def is_equal(self) -> bool:
        return self.source == self.target


def compared(source: Mapping[str, int], target: Mapping[str, int]) -> tuple[Compared, ...]:
    names = dict.fromkeys((*source, *target))
    return tuple(Compared(what=name, source=source.get(name, 0), target=target.get(name, 0)) for name in names)
