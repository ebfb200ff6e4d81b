"""A thread that looks at all others some hundred times a second, until it is told to end.

It needs the interpreter's lock to look: what holds the lock in C is seen late and once, and lines that let go of it
(system calls, compression, the database) are seen more often than their share of the time. A thread that waits for the
lock is seen where it waits. The processor time of each thread, by its own clock, is beyond such doubt.
"""

import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from engine.profiling.stacks import Folded, Stacks
from engine.profiling.thread_time import spent_s, thread_times

EVERY_S = 0.01
ENDS_WITHIN_S = 5.0
UNNAMED = "unnamed"
"""All threads that Python did not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a sampler saw. `late` are looks that did not take place, for the lock came too late."""

    folded: Folded
    looks: int
    late: int
    lasted_s: float
    cpu_s: Mapping[str, float]
    """Processor time of each thread by its name; of those that had ended by then there is none."""


class Sampler:
    """Used once."""

    def __init__(self, *, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._stacks = Stacks()
        self._looks = self._late = 0
        self._lasted_s = 0.0
        self._cpu_s: Mapping[str, float] = {}
        self._told_to_end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="profile", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Waits for nothing."""
        self._told_to_end.set()

    def seen(self) -> Seen:
        """Waits for the end."""
        self._thread.join(ENDS_WITHIN_S)
        return Seen(
            folded=self._stacks.folded(),
            looks=self._looks,
            late=self._late,
            lasted_s=self._lasted_s,
            cpu_s=self._cpu_s,
        )

    def _run(self) -> None:
        began_at, before = monotonic(), thread_times()
        while not self._told_to_end.wait(self._pause_s(began_at)):
            self._look()
        self._lasted_s, self._cpu_s = monotonic() - began_at, spent_s(before, thread_times())

    def _pause_s(self, began_at: float) -> float:
        """Until the next point of a grid; those that went by are late."""
        passed = int((monotonic() - began_at) / self._every_s)
        self._late = max(self._late, passed - self._looks)
        return began_at + (self._looks + self._late + 1) * self._every_s - monotonic()

    def _look(self) -> None:
        self._looks += 1
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        own = self._thread.ident
        for ident, frame in sys._current_frames().items():  # noqa: SLF001 - it is what there is for this
            if ident != own:
                self._stacks.add(names.get(ident, UNNAMED), frame)
