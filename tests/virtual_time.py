"""An event loop whose time passes only when nobody has anything left to do.

Waiting costs no real time, timers fire exactly when due, and a wait that nothing can end is an error at once.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """For work within the loop: it waits for no thread, no signal and no other process."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self._now

    def pass_time(self, seconds: float) -> None:
        self._now += seconds


class _Selector(selectors.SelectSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits, and nothing is left that could wake anybody")
        self._loop.pass_time(max(0.0, timeout))
        return super().select(0)


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run main on a loop of its own; it must leave no task behind."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        result = runner.run(main)
        assert not asyncio.all_tasks(runner.get_loop()), "tasks were left running"
        return result
