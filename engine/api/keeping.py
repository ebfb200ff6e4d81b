"""Which answers are kept, and for how long. They are kept as they are written: a second one costs no rendering."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from engine.jobs.query import Result

UNKNOWN_S = 1.0
"""How long it is believed that there is no such job; one that is submitted here is known at once."""
LISTED_S = 1.0
"""How long the jobs found, and the figures of many, may be behind; what is written here shows at once."""

Loaded = tuple[bytes, float]
"""An answer, and for how many seconds it holds."""


class Cache(Protocol):
    """Answers of one kind or more, by `kind:rest`."""

    async def read(self, key: str, load: Callable[[], Awaitable[Loaded]]) -> bytes:
        """Once for all who ask at once."""


class NoCache:
    """Reads again each time."""

    async def read(self, key: str, load: Callable[[], Awaitable[Loaded]]) -> bytes:  # noqa: ARG002 - a port
        return (await load())[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Where answers are kept."""

    jobs: Cache = field(default_factory=NoCache)
    """Those about one job."""
    lists: Cache = field(default_factory=NoCache)
    """Those about many, which whatever is written may change."""
    asked: Callable[[str], object] = lambda _: None
    """Is told of a job that was asked for before it was over."""
    result_ttl_s: float | None = None
    """How long a page is kept after its job's end; None: for good."""

    def lasts_s(self, found: Result, now: float) -> float:
        """How long an answer about it holds, if nobody has it deleted or put back."""
        job = found.job
        if not job.status.is_final:
            return 0.0
        if self.result_ttl_s is None or found.page is None:
            return inf
        return max((job.completed_at or now) + self.result_ttl_s - now, 0.0)
