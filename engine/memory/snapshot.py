"""What was allocated while one looked and is still there, by the line that asked for it.

Tracing slows every allocation while it lasts, by a half to several times; it is off at any other time.
"""

import asyncio
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

from engine.errors import SnapshotUnderWayError
from engine.runtime import Call

FRAMES = 1
"""Of each allocation; each further one slows it more."""
SETTLES = 0.25
"""The part of the time after which the look begins: by then as much is in hand as at its end."""
LINES = 25
"""Told at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One line of code, and what of its allocations came to stay."""

    file: str
    line: int
    size_bytes: int
    """More than at the beginning; less, where it is negative."""
    count: int
    held_bytes: int
    """At the end, of what was allocated since tracing began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growths:
    """The lines with the largest growths, and what it cost to see them."""

    lines: Sequence[Growth]
    traced_bytes: int
    """Allocated since tracing began, and not freed."""
    tracing_bytes: int
    """What the tracing itself held at the end."""


class Snapshots:
    """Taken one at a time. `call` runs what is long: the loop goes on as far as the interpreter's lock lets it.

    `session` is held meanwhile, and may refuse.
    """

    def __init__(self, *, call: Call, session: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._call = call
        self._session = session

    async def __call__(self, seconds: float) -> Growths:
        """Raises SnapshotUnderWayError. Whatever ends it, tracing is off afterwards."""
        with self._session():
            return await self._taken(seconds)

    async def _taken(self, seconds: float) -> Growths:
        if tracemalloc.is_tracing():
            raise SnapshotUnderWayError
        tracemalloc.start(FRAMES)
        try:
            await asyncio.sleep(seconds * SETTLES)
            before = await self._call(tracemalloc.take_snapshot)
            await asyncio.sleep(seconds * (1 - SETTLES))
            traced_bytes, tracing_bytes = tracemalloc.get_traced_memory()[0], tracemalloc.get_tracemalloc_memory()
            lines = await self._call(partial(_grown_since, before))
        finally:
            tracemalloc.stop()
        return Growths(lines=lines, traced_bytes=traced_bytes, tracing_bytes=tracing_bytes)


def _grown_since(before: tracemalloc.Snapshot) -> Sequence[Growth]:
    theirs = tracemalloc.Filter(inclusive=False, filename_pattern=tracemalloc.__file__)
    after = tracemalloc.take_snapshot().filter_traces([theirs])
    found = after.compare_to(before.filter_traces([theirs]), "lineno")
    return [_growth(each) for each in sorted(found, key=lambda each: each.size_diff, reverse=True)[:LINES]]


def _growth(of: tracemalloc.StatisticDiff) -> Growth:
    frame = of.traceback[0]
    return Growth(
        file=frame.filename, line=frame.lineno, size_bytes=of.size_diff, count=of.count_diff, held_bytes=of.size
    )
