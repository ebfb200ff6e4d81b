"""The time a task may spend on what stands in a with-block."""

import asyncio
from types import TracebackType
from typing import Any, Self

from engine.runtime.cut import took_back
from engine.runtime.errors import Aborted, DeadlineExpired


class Deadline:
    """Ends the awaits of a block after its seconds, or when aborted; used once, by one task.

    Out of the block comes DeadlineExpired or Aborted. None means no limit of time. A block that ends by itself has
    ended, whatever came too late. A loop that stands still uses up one of the `parts` at most, so that what came
    meanwhile is looked at before the block is ended.
    """

    __slots__ = (
        "_aborted_by",
        "_cancels",
        "_expired",
        "_handle",
        "_has_cut",
        "_loop",
        "_part_s",
        "_parts",
        "_task",
    )

    def __init__(self, seconds: float | None, *, parts: int = 1) -> None:
        self._part_s = None if seconds is None else max(0.0, seconds / parts)
        self._parts = parts
        self._expired = False
        self._aborted_by: object | None = None
        self._has_cut = False
        self._cancels = 0
        self._handle: asyncio.Handle | None = None
        self._task: asyncio.Task[Any] | None = None

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()  # once: each look for it is a call of the system
        self._task = asyncio.current_task(self._loop)
        if self._task is None:
            raise RuntimeError("a deadline watches over a task")
        self._cancels = self._task.cancelling()
        if self._aborted_by is not None:
            self._handle = self._loop.call_soon(self._cut)
        else:
            self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        task, self._task = self._task, None
        if task is not None and self._has_cut and took_back(task, error, cancels=self._cancels):
            raise (DeadlineExpired() if self._expired else Aborted(self._aborted_by)) from error

    def abort(self, reason: object) -> None:
        """End the block from any task of the loop; before the block begins, it ends at its first wait."""
        if self._expired or self._aborted_by is not None:
            return
        self._aborted_by = reason
        if self._task is not None:
            self._stop()
            # Not at once: a task that aborts itself would take the cancellation out of the block on Python 3.11.
            self._handle = self._loop.call_soon(self._cut)

    @property
    def expired(self) -> bool:
        return self._expired

    @property
    def aborted_by(self) -> object | None:
        """The reason somebody gave."""
        return self._aborted_by

    def _start(self) -> None:
        if self._part_s is not None:
            self._handle = self._loop.call_later(self._part_s, self._expire)

    def _stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _expire(self) -> None:
        self._parts -= 1
        if self._parts:
            self._start()
        else:
            self._expired = True
            self._cut()

    def _cut(self) -> None:
        self._handle = None
        if self._task is not None:
            self._has_cut = True
            self._task.cancel()
