"""The watch over memory, as the settings say: what there is, who gets what, and what is done when it grows short."""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, time
from typing import Protocol

from actors.chronicle import Chronicle
from config.settings import Settings
from engine.memory.again import Again
from engine.memory.allocator import allocated, trimmer
from engine.memory.budget import Budget, budget_of
from engine.memory.gauge import Gauge
from engine.memory.history import Action, History, Sample
from engine.memory.kernel_files import KernelFiles
from engine.memory.ladder import RUNGS, Ladder, heights
from engine.memory.processors import processors
from engine.memory.relief import Relief
from engine.memory.restarts import Restarts
from engine.memory.rung import Rung
from engine.memory.watch import TRIM, Clocks, Watch
from engine.metrics.catalogue import Catalogue
from engine.metrics.garbage import garbage_timed
from engine.metrics.memory import MemoryMetrics
from engine.runtime import Credits, Pressure, Threads

CACHES_PART, FETCHES_PART = 0.25, 0.25
"""What is left to each on its rung, of what it may have."""
MEBIBYTE = 1024 * 1024


class Narrowing(Protocol):
    """What is kept, and can do with less for a while."""

    def narrow(self, part: float) -> None: ...
    def widen(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the process stands on, found out before anything is opened."""

    gauge: Gauge
    share_out: Callable[[int], Budget]
    """A limit in bytes among the parts of the process."""
    budget: Budget
    processors: float
    threads: Threads

    @property
    def caution(self) -> str:
        return self.gauge.read().limit.caution

    def told(self) -> dict[str, str | float]:
        """For the log, at the start."""
        limit = self.gauge.read().limit
        return {
            "limit_mib": limit.limit_bytes // MEBIBYTE,
            "source": limit.source,
            "where": limit.where,
            "fetches_mib": self.budget.fetches_bytes // MEBIBYTE,
            "intake_mib": self.budget.intake_bytes // MEBIBYTE,
            "caches_mib": self.budget.caches_bytes // MEBIBYTE,
            "processors": self.processors,
        }


class Shares:
    """What fetches and requests may hold, each out of a budget of its own."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._limit_bytes = ground.gauge.read().limit.limit_bytes
        self.fetches = Credits(ground.budget.fetches_bytes)
        self.requests = Credits(ground.budget.intake_bytes, may_overdraw=False)

    @property
    def held_bytes(self) -> int:
        return self.fetches.held_bytes + self.requests.held_bytes

    def saw(self, sample: Sample) -> None:
        """Whoever runs the process may change its limit."""
        if sample.limit_bytes != self._limit_bytes:
            self._limit_bytes = sample.limit_bytes
            budget = self._ground.share_out(sample.limit_bytes)
            self.fetches.total_bytes, self.requests.total_bytes = budget.fetches_bytes, budget.intake_bytes

    def did(self, action: Action) -> None:
        """Nothing that changes what there is to share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """The watch, and what it holds back by. A guard of the system."""

    ground: Ground
    shares: Shares
    pressure: Pressure
    ladder: Ladder
    watch: Watch
    history: History

    async def look(self) -> None:
        await self.watch.look()


class Telling:
    """Tells the metrics of every look, and the log and the metrics of every step."""

    def __init__(self, *, metrics: MemoryMetrics, chronicle: Chronicle, shares: Shares) -> None:
        self._metrics = metrics
        self._chronicle = chronicle
        self._shares = shares

    def saw(self, sample: Sample) -> None:
        self._metrics.stands(
            used_bytes=sample.used_bytes,
            limit_bytes=sample.limit_bytes,
            credits_bytes=self._shares.held_bytes,
            level=sample.level,
        )

    def did(self, action: Action) -> None:
        self._metrics.did(action.name, is_undone=action.is_undone)
        numbers = {
            "rung": action.level,
            "used_mib": action.used_bytes // MEBIBYTE,
            "limit_mib": action.limit_bytes // MEBIBYTE,
            "stalled_percent": action.stalled_percent,
        }
        if action.name == TRIM:
            self._chronicle.memory_given_back(**numbers)
        else:
            self._chronicle.memory_step(action.name, is_undone=action.is_undone, **numbers)


@asynccontextmanager
async def grounded(settings: Settings, *, catalogue: Catalogue) -> AsyncIterator[Ground]:
    files, threads = KernelFiles(Path("/")), Threads("memory", 1)
    gauge = Gauge(files=files, page_bytes=os.sysconf("SC_PAGE_SIZE"), told_bytes=settings.memory_limit)
    reading = gauge.read()

    def share_out(limit_bytes: int) -> Budget:
        return budget_of(
            limit_bytes=limit_bytes,
            high=settings.memory_high,
            base_bytes=reading.usage.used_bytes,
            fetches_bytes=settings.memory_budget,
        )

    allowed = processors(files, allowed=len(os.sched_getaffinity(0)))
    catalogue.process_processors.set(allowed)
    try:
        with garbage_timed(catalogue=catalogue, clock=perf_counter):
            yield Ground(
                gauge=gauge,
                share_out=share_out,
                budget=share_out(reading.limit.limit_bytes),
                processors=allowed,
                threads=threads,
            )
    finally:
        await threads.close()
        files.close()


def watching(
    settings: Settings,
    *,
    ground: Ground,
    caching: Narrowing,
    catalogue: Catalogue,
    chronicle: Chronicle,
    restart: Callable[[], None] | None,
) -> Watching:
    """`restart` ends this process for another to begin; None where it must not end by itself."""
    shares, pressure, history = Shares(ground), Pressure(), History()
    ladder = Ladder(heights=heights(settings.memory_high, settings.memory_critical))
    metrics = MemoryMetrics(catalogue=catalogue, actions=(*RUNGS, TRIM), allocated=allocated())
    watch = Watch(
        gauge=ground.gauge,
        ladder=ladder,
        rungs=_rungs(settings, pressure, caching, restart),
        relief=Relief(call=ground.threads, trim=trimmer(), clock=monotonic),
        audience=[history, shares, Telling(metrics=metrics, chronicle=chronicle, shares=shares)],
        clocks=Clocks(rising=monotonic, wall=time),
    )
    return Watching(ground=ground, shares=shares, pressure=pressure, ladder=ladder, watch=watch, history=history)


def _rungs(
    settings: Settings, pressure: Pressure, caching: Narrowing, restart: Callable[[], None] | None
) -> Sequence[Rung]:
    def part(part: float) -> None:
        pressure.part = part

    shrink, stop, cut, pause, again = RUNGS
    below = (
        Rung(name=shrink, enter=lambda: caching.narrow(CACHES_PART), leave=caching.widen),
        Rung(name=stop, enter=pressure.stop_admitting, leave=pressure.admit),
        Rung(name=cut, enter=lambda: part(FETCHES_PART), leave=lambda: part(1.0)),
        Rung(name=pause, enter=pressure.pause, leave=pressure.ease),
    )
    if restart is None:
        return below
    restarts = Restarts(path=_restarts_path(settings), wall=time)
    return (*below, Rung(name=again, hold=Again(restart=restart, restarts=restarts).attempt))


def _restarts_path(settings: Settings) -> Path:
    """Beside the database, where it is a file; else beside the journals of this machine."""
    if settings.is_embedded:
        return settings.database_path.with_name(f"{settings.database_path.name}.restarts")
    from engine.storage.hands import folder_of  # noqa: PLC0415 - a file's daemon needs no folder of journals

    return folder_of(settings.database_url) / "restarts"
