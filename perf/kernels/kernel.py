"""What a kernel is, and every one by its name with how many rounds are counted.

A kernel's module is imported in the process that is counted and nowhere else.
"""

from collections.abc import Awaitable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

ROUNDS: Mapping[str, int] = MappingProxyType(
    {"hop": 3_000, "ask": 600, "credits": 3_000, "claim": 400, "claim_and_settle": 200}
)
NEED_JOBS = frozenset({"claim", "claim_and_settle"})
"""These work on a file of perf.kernels.jobs."""


class Kernel(Protocol):
    """What a module in perf/kernels offers."""

    def rounds(self, count: int, file: Path) -> Awaitable[None]: ...


def kernel(name: str) -> Kernel:
    """KeyError when there is none of that name."""
    if name not in ROUNDS:
        raise KeyError(name)
    return cast("Kernel", import_module(f"perf.kernels.{name}"))
