"""The process's one loop: uvloop, its signals, its exit code.

The first SIGTERM or SIGINT asks to drain, the second to hurry, the third ends the process as signals do. Who works in
the process may ask for a drain too, after which it is to begin again; a signal makes an end of it all the same. A drain
may be announced some time before it begins, but not to who pressed Ctrl-C.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import uvloop

from engine.runtime.branch import Branch
from engine.runtime.errors import Escalated

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LEAVE_S = 1.0  # how long tasks nobody ended may take to leave once they are cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What comes between a SIGTERM and the drain: all goes on while `lasts_s`, and a second signal cuts it short."""

    give: Callable[[], None]
    lasts_s: float


class Signals:
    """What the outside asked the process to do."""

    def __init__(self) -> None:
        self._first: asyncio.Future[signal.Signals] = asyncio.get_running_loop().create_future()
        self.second: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_to_begin_again = False

    async def first(self) -> signal.Signals:
        """Wait until the process is asked to end."""
        return await asyncio.shield(self._first)

    def begin_again(self) -> None:
        """Drain, and then do not end for good; unless the process is ending already."""
        if not self._first.done():
            self.is_to_begin_again = True
            self._first.set_result(signal.SIGTERM)

    def came(self, which: signal.Signals) -> None:
        """Note a signal; also how a process ends itself in good order."""
        is_ending_by_itself, self.is_to_begin_again = self.is_to_begin_again, False
        if not self._first.done():
            self._first.set_result(which)
            return
        if is_ending_by_itself:
            return  # the first that comes from outside: who sent it does not want haste
        for each in _SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(each)
        if not self.second.done():
            self.second.set_result(None)


def run(main: Callable[[Signals], Awaitable[int]]) -> int:
    """Run main to its end on a new loop and return its exit code."""
    loop = uvloop.new_event_loop()
    try:
        return loop.run_until_complete(_with_signals(main))
    finally:
        loop.run_until_complete(_leave())
        loop.close()


async def until_ended(root: Branch, signals: Signals, notice: Notice | None = None) -> int:
    """Run the tree until it ends by itself or is told to by a signal; 1 if its root gave up, 0 otherwise."""
    signals.second.add_done_callback(lambda _: root.hurry())
    running = asyncio.create_task(root.run(), name="root")
    told = asyncio.create_task(signals.first(), name="signals")
    try:
        await asyncio.wait((running, told), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            if notice is not None and told.result() is not signal.SIGINT:
                notice.give()
                await asyncio.wait(
                    (running, signals.second), timeout=notice.lasts_s, return_when=asyncio.FIRST_COMPLETED
                )
            await root.drain()
        await running
    except Escalated:
        return 1
    finally:
        told.cancel()
        running.cancel()
        await asyncio.wait((running, told))
    return 0


async def _with_signals(main: Callable[[Signals], Awaitable[int]]) -> int:
    signals = Signals()
    for each in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(each, signals.came, each)
    return await main(signals)


async def _leave() -> None:
    loop = asyncio.get_running_loop()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    if left:  # a stuck actor must not keep the process: the supervisor has named it
        await asyncio.wait(left, timeout=_LEAVE_S)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
