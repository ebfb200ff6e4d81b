"""Where blocking work runs: the executor port and its two ways.

A thread cannot be cancelled, so whoever asked one waits for its answer even when cancelled: no half-known write.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Call(Protocol):
    """Runs the work to its end, or not at all, and hands back what it returned or raised."""

    async def __call__(self, work: Callable[[], T], /) -> T: ...


async def inline(work: Callable[[], T], /) -> T:
    """Run at once in the loop: for the simulated clock, and for work that cannot block."""
    return work()


class Threads:
    """A few threads of our own; work waits for a free one in the order of asking."""

    def __init__(self, name: str, count: int) -> None:
        self._executor = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._running: set[asyncio.Future[Any]] = set()

    async def __call__(self, work: Callable[[], T], /) -> T:
        """Cancelled, it waits until the thread has answered, drops the answer and lets CancelledError go up."""
        answer = asyncio.get_running_loop().run_in_executor(self._executor, work)
        self._running.add(answer)
        answer.add_done_callback(self._running.discard)
        await _settled(answer)
        return answer.result()

    async def close(self) -> None:
        """Take no more work and wait for what is running or waiting for a thread."""
        self._executor.shutdown(wait=False)
        if self._running:
            await asyncio.wait(self._running)
        self._executor.shutdown()


async def _settled(answer: asyncio.Future[T]) -> None:
    cancelled: asyncio.CancelledError | None = None
    while not answer.done():
        try:
            await asyncio.wait((answer,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        answer.exception()  # seen: else the loop would complain of an error nobody looked at
        raise cancelled
