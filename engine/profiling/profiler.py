"""Looks into the process for who asks: for a while at its threads, or once at its tasks.

Whatever ends a look, nothing of it runs on.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.profiling.sampler import Sampler
from engine.profiling.sessions import Kind, Sessions
from engine.profiling.stacks import Stack
from engine.profiling.tasks import Standing, standing
from engine.runtime import Call

STILL_PART = 0.005
"""Of a processor: a thread that used less did nothing but wake up now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadShare:
    """One thread while it was looked at."""

    name: str
    samples: int
    busy: int
    """Of these."""
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuProfile:
    """Where the threads were. `late` looks were not taken, for the interpreter's lock came too late."""

    seconds: float
    looks: int
    late: int
    dropped: int
    """Samples of stacks beyond the bound."""
    threads: Sequence[ThreadShare]
    """The busiest first."""
    names: Sequence[str]
    stacks: Sequence[Stack]
    """The most frequent first; their frames are places in the names."""


class Profiler:
    """`call` runs what is long."""

    def __init__(self, *, call: Call, sessions: Sessions) -> None:
        self._call = call
        self._sessions = sessions

    async def cpu(self, seconds: float) -> CpuProfile:
        """Raises what Sessions do."""
        with self._sessions.one(Kind.CPU):
            sampler = Sampler()
            sampler.start()
            try:
                await asyncio.sleep(seconds)
            finally:
                sampler.end()
            return await self._call(lambda: _profile(sampler))

    def tasks(self) -> Standing:
        """Raises what Sessions do."""
        with self._sessions.one(Kind.TASKS):
            return standing(asyncio.all_tasks())


def _profile(sampler: Sampler) -> CpuProfile:
    seen = sampler.seen()
    stacks = _told_idle(seen.folded.stacks, seen.cpu_s, seen.lasted_s)
    return CpuProfile(
        seconds=seen.lasted_s,
        looks=seen.looks,
        late=seen.late,
        dropped=seen.folded.dropped,
        threads=_threads(stacks, seen.cpu_s),
        names=seen.folded.names,
        stacks=stacks,
    )


def _told_idle(stacks: Sequence[Stack], cpu_s: Mapping[str, float], lasted_s: float) -> Sequence[Stack]:
    """Who used no processor waited, whatever function it waited in."""
    still = {thread for thread, spent_s in cpu_s.items() if spent_s < STILL_PART * lasted_s}
    return [replace(stack, is_idle=True) if stack.thread in still else stack for stack in stacks]


def _threads(stacks: Sequence[Stack], cpu_s: Mapping[str, float]) -> Sequence[ThreadShare]:
    samples, busy = Counter[str](), Counter[str]()
    for stack in stacks:
        samples[stack.thread] += stack.samples
        busy[stack.thread] += 0 if stack.is_idle else stack.samples
    shares = [
        ThreadShare(name=name, samples=samples[name], busy=busy[name], cpu_s=cpu_s.get(name, 0.0)) for name in samples
    ]
    return sorted(shares, key=lambda share: share.cpu_s, reverse=True)
