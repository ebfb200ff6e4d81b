"""What who stands at the machine may have looked at: threads, tasks, and the lines that come to hold memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from engine.memory.snapshot import Snapshots
from engine.metrics.catalogue import Catalogue
from engine.profiling.profiler import Profiler
from engine.profiling.sessions import Kind, Sessions
from engine.runtime import Threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiling:
    """Both look one at a time, and never together."""

    snapshots: Snapshots
    profiler: Profiler


@asynccontextmanager
async def profiling(*, catalogue: Catalogue) -> AsyncIterator[Profiling]:
    """The thread begins with the first look."""
    threads, sessions = Threads("look", 1), Sessions(show=catalogue.profiling_sessions.set)
    try:
        yield Profiling(
            snapshots=Snapshots(call=threads, session=partial(sessions.one, Kind.MEMORY)),
            profiler=Profiler(call=threads, sessions=sessions),
        )
    finally:
        await threads.close()
