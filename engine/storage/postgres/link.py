"""One connection of a pool, with what the pool remembers of it."""

import asyncio
from types import CodeType, FrameType
from typing import Any

import asyncpg

from engine.runtime import whereabouts


class Link:
    """Times are those of the pool's clock."""

    __slots__ = ("_at", "_code", "_loop", "_task", "connection", "idle_since", "is_told", "opened_at", "taken_at")

    def __init__(self, connection: asyncpg.Connection, *, now: float) -> None:
        self.connection = connection
        self.opened_at = now
        self.idle_since = now
        self.taken_at = now
        self.is_told = False
        """Whether its leak is known."""
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[Any] | None = None
        self._code: CodeType | None = None
        self._at = 0

    def taken_by(self, frame: FrameType) -> None:
        """One of the task that runs: the frame is not kept, and a line is looked up when it is asked for."""
        self._task = asyncio.current_task(self._loop)
        self._code = frame.f_code
        self._at = frame.f_lasti

    def left(self, now: float) -> None:
        self.idle_since = now
        self._task = None

    @property
    def stack(self) -> str:
        """Of the task that took it last, as it stands now; where that took it comes last."""
        now = () if self._task is None else (self._task.get_name(), *whereabouts(self._task))
        return "\n".join(now if self._code is None else (*now, _told(self._code, self._at)))


def _told(code: CodeType, at: int) -> str:
    lines = (line for start, end, line in code.co_lines() if start <= at < end and line is not None)
    return f"{code.co_filename}:{next(lines, code.co_firstlineno)} in {code.co_qualname}"
