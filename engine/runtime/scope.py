"""Blocks of one task, one after the other, that others of its loop may end.

For who has a block for each message: it costs nothing that is made anew each time, and no look for the task.
"""

import asyncio
from types import TracebackType
from typing import Any, Self

from engine.runtime.cut import took_back
from engine.runtime.errors import Aborted


class Scope:
    """Of the task that enters it first; out of a block that was aborted comes Aborted.

    A block that ends by itself has ended, whatever came too late.
    """

    __slots__ = ("_cancels", "_handle", "_has_cut", "_is_open", "_loop", "_reason", "_task")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[Any] | None = None
        self._is_open = False
        self._cancels = 0
        self._reason: object | None = None
        self._handle: asyncio.Handle | None = None
        self._has_cut = False

    def __enter__(self) -> Self:
        if self._task is None:
            self._task = asyncio.current_task(self._loop)
        if self._task is None:
            raise RuntimeError("a scope is of a task")
        self._cancels = self._task.cancelling()
        self._is_open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        if self._reason is not None:
            self._end(error)

    def abort(self, reason: object) -> None:
        """End the block that is open, from any task of the loop. The first reason counts."""
        if self._is_open and self._reason is None:
            self._reason = reason
            # Not at once: a task that aborts itself would take the cancellation out of the block on Python 3.11.
            self._handle = self._loop.call_soon(self._cut)

    def _cut(self) -> None:
        self._handle = None
        if self._task is not None:
            self._has_cut = True
            self._task.cancel()

    def _end(self, error: BaseException | None) -> None:
        reason, self._reason = self._reason, None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        has_cut, self._has_cut = self._has_cut, False
        if has_cut and self._task is not None and took_back(self._task, error, cancels=self._cancels):
            raise Aborted(reason) from error
