"""Two sides of a ruler as two processes, a slice of each in turn: a commit beside another, or ours beside what is bare.

A pair is a fresh process a side, since how a process happens to lie in memory stays with it to its end. Of its slices
the median counts.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from perf.process import ROOT, ProcessError
from perf.rulers.ruler import Take

SLICES = 4
TAKEN_WITHIN = timedelta(seconds=120)  # longer than what a ruler waits for itself, so that it ends what it started
LINE_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What is measured: a ruler, and the tree whose engine is under it."""

    bench: str
    tree: Path = ROOT
    is_bare: bool = False


async def duel(ours: Side, theirs: Side, *, number: int, slices: int = SLICES) -> tuple[float, float]:
    """One pair, the rates of both. `number` is which: it says who begins, and how strings are hashed on both sides.

    ProcessError where a side cannot be measured.
    """
    first, second = (ours, theirs) if number % 2 else (theirs, ours)
    rates: dict[Side, list[float]] = {first: [], second: []}
    async with standing(first, number) as one, standing(second, number) as two:
        takes = {first: one, second: two}
        for place in range(-1, slices):
            for side in (first, second) if place % 2 else (second, first):
                rate = await takes[side]()
                if place >= 0:  # those before are to get warm
                    rates[side].append(rate)
    return median(rates[ours]), median(rates[theirs])


@asynccontextmanager
async def standing(side: Side, seed: int) -> AsyncIterator[Take]:
    """The side's process, for as long as this lasts."""
    bare = ("--bare",) if side.is_bare else ()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "perf.rulers", side.bench, *bare),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=side.tree,
        env={**os.environ, "PYTHONPATH": str(side.tree), "PYTHONHASHSEED": str(seed)},
        limit=LINE_BYTES,
    )
    try:
        yield lambda: _taken(process, side)
    finally:
        await _ended(process)


async def _taken(process: asyncio.subprocess.Process, side: Side) -> float:
    told = b""
    if process.stdin is not None and process.stdout is not None:
        process.stdin.write(b"\n")
        try:
            told = await asyncio.wait_for(process.stdout.readline(), TAKEN_WITHIN.total_seconds())
        except TimeoutError:
            raise ProcessError(f"{side.bench} was not measured within {TAKEN_WITHIN}") from None
    if not told:
        raise ProcessError(f"{side.bench} cannot be measured in {side.tree}")
    return float(told)


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.communicate(), TAKEN_WITHIN.total_seconds())
    except TimeoutError:
        process.kill()
        await process.wait()
