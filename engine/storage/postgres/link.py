"""One connection of a pool, with what the pool remembers of it."""

import sys
from types import CodeType, FrameType

import asyncpg

DEPTH = 12
"""Frames remembered of who took it."""


class Link:
    """Times are those of the pool's clock."""

    __slots__ = ("connection", "idle_since", "is_told", "opened_at", "taken_at", "taken_by")

    def __init__(self, connection: asyncpg.Connection, *, now: float) -> None:
        self.connection = connection
        self.opened_at = now
        self.idle_since = now
        self.taken_at = now
        self.taken_by: list[tuple[CodeType, int]] = []
        self.is_told = False
        """Whether its leak is known."""

    def taken(self, now: float) -> None:
        self.taken_at = now
        self.is_told = False
        self.taken_by = _callers(sys._getframe(1))  # noqa: SLF001 - the cheap half of what traceback does

    @property
    def stack(self) -> str:
        """Of who took it last, innermost last."""
        return "\n".join(
            f"{code.co_filename}:{_line(code, at)} in {code.co_qualname}" for code, at in reversed(self.taken_by)
        )


def _callers(frame: FrameType | None) -> list[tuple[CodeType, int]]:
    """Where in its code each stands; which line that is costs more, and is asked by few."""
    callers = []
    for _ in range(DEPTH):
        if frame is None:
            break
        callers.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return callers


def _line(code: CodeType, at: int) -> int:
    lines = (line for start, end, line in code.co_lines() if start <= at < end and line is not None)
    return next(lines, code.co_firstlineno)
