"""What can be planted, and the jobs and settings with which each is met: what the analyser has to find.

How the daemon itself is changed is in faults.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from engine.jobs.bottleneck import Bottleneck
from perf.servers.database import KINDS

PAGE, LATE_PAGE = "/page/{n}", "/delay/2000/page/{n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """What the daemon is told, and what its jobs are."""

    databases: tuple[str, ...] = KINDS
    """In which it can be planted."""
    environment: Mapping[str, str] = field(default_factory=dict)
    path: str = PAGE
    config: Mapping[str, Any] = field(default_factory=dict)

    def database(self, asked: str | None) -> str:
        """The one that was asked for, where it can be planted there."""
        return asked if asked in self.databases else self.databases[0]


NONE = "none"
PLANTS: Mapping[str, Plant] = MappingProxyType(
    {
        NONE: Plant(),
        Bottleneck.SLOW_QUERY: Plant(databases=("sqlite",)),
        Bottleneck.BLOCKING_CALL: Plant(),
        Bottleneck.POOL: Plant(databases=("postgres",), environment={"DB_POOL_SIZE": "1", "DB_MAX_OVERFLOW": "0"}),
        Bottleneck.SLOW_ORIGIN: Plant(path=LATE_PAGE, environment={"MAX_CONCURRENT_JOBS": "64"}),
        Bottleneck.LOCK_STEP: Plant(),
        Bottleneck.SLOW_DISK: Plant(databases=("sqlite",)),
        Bottleneck.CPU_EXTRACTION: Plant(config={"extract_text": True}),
    }
)
