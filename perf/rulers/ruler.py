"""What a ruler is, and every one by its name.

A ruler's module is imported in the process that measures and nowhere else.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

Take = Callable[[], Awaitable[float]]
"""Measures one slice: operations a second of processor time."""

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "engine_vs_bare": "pages/cpu s",
        "submit": "submits/cpu s",
        "status": "answers/cpu s",
        "claim": "jobs/cpu s",
        "settle": "jobs/cpu s",
        "hop": "hops/cpu s",
    }
)
_CPUS = sorted(os.sched_getaffinity(0))
SERVER_CPU, CLIENT_CPU = _CPUS[0], _CPUS[-1]


class Ruler(Protocol):
    """What a module in perf/rulers offers: both sides of it, ready to be taken slices of."""

    def ours(self) -> AbstractAsyncContextManager[Take]: ...
    def bare(self) -> AbstractAsyncContextManager[Take]: ...


def ruler(name: str) -> Ruler:
    """KeyError when there is none of that name."""
    if name not in UNITS:
        raise KeyError(name)
    return cast("Ruler", import_module(f"perf.rulers.{name}"))
