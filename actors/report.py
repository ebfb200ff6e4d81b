"""How memory stands, as the API tells it."""

from collections.abc import Iterator
from time import time
from typing import cast

from actors.watching import MEBIBYTE, Watching
from engine.api.dates import shown
from engine.api.memory_status import MemoryAction, MemoryLimit, MemoryRung, MemorySample, MemoryStatus, RungName
from engine.memory.history import Action, Sample
from engine.memory.ladder import RUNGS
from engine.memory.limit import Limit

HELD_BACK = (
    "nothing is held back",
    "less is kept to be answered again",
    "new submits are refused",
    "new submits are refused and fewer fetches are made at once",
    "new submits are refused and nothing more is claimed",
    "new submits are refused, nothing more is claimed, and the process is to start again",
)


def memory_status(watching: Watching) -> MemoryStatus:
    reading, budget, now = watching.watch.reading, watching.ground.budget, time()
    shares = watching.shares
    return MemoryStatus(
        level=watching.watch.level,
        message=_message(watching),
        is_admitting=watching.pressure.is_admitting,
        is_claiming=watching.pressure.is_claiming,
        concurrency_part=watching.pressure.part,
        used_bytes=reading.usage.used_bytes,
        used_part=round(reading.part, 4),
        stalled_percent=reading.usage.stalled_percent,
        limit=_limit(reading.limit),
        budget={
            "fetches_bytes": shares.fetches.total_bytes,
            "fetches_held_bytes": shares.fetches.held_bytes,
            "intake_bytes": shares.requests.total_bytes,
            "intake_held_bytes": shares.requests.held_bytes,
            "caches_bytes": budget.caches_bytes,
        },
        rungs=list(_rungs(watching)),
        samples=list(map(_sample, watching.history.samples(now))),
        actions=list(map(_action, watching.history.actions(now))),
    )


def _message(watching: Watching) -> str:
    reading = watching.watch.reading
    used, limit = reading.usage.used_bytes // MEBIBYTE, reading.limit.limit_bytes // MEBIBYTE
    return f"{used} of {limit} MiB are used ({reading.part:.0%}): {HELD_BACK[watching.watch.level]}"


def _limit(limit: Limit) -> MemoryLimit:
    return MemoryLimit(
        bytes=limit.limit_bytes, source=limit.source.value, where=limit.where, caution=limit.caution or None
    )


def _rungs(watching: Watching) -> Iterator[MemoryRung]:
    floors, level = watching.ladder.floors, watching.watch.level
    for rung, (name, height) in enumerate(zip(RUNGS, watching.ladder.heights, strict=True)):
        yield MemoryRung(
            name=cast("RungName", name),
            is_stood_on=rung < level,
            entered_at=round(height, 4),
            left_below=round(floors[rung], 4) if rung < level else None,
        )


def _sample(sample: Sample) -> MemorySample:
    return MemorySample(
        at=shown(sample.at), used_bytes=sample.used_bytes, limit_bytes=sample.limit_bytes, level=sample.level
    )


def _action(action: Action) -> MemoryAction:
    return MemoryAction(
        at=shown(action.at),
        action=cast("RungName", action.name),
        is_undone=action.is_undone,
        level=action.level,
        used_bytes=action.used_bytes,
        limit_bytes=action.limit_bytes,
        stalled_percent=action.stalled_percent,
    )
