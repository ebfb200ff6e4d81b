"""An event loop whose time jumps and whose order is drawn: one seed, one course of events.

Ready callbacks run one at a time, in an order drawn from the seed: asyncio promises the order of asking, and nothing of
ours may need that. When none is ready, the clock jumps to the next timer. Threads are played by timers, so that nothing
waits for anything outside.
"""

import asyncio
import heapq
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import Context
from random import Random
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
A_MOMENT_S = 0.01
START = 1_700_000_000.0


class Clock:
    """The time of the whole world: it outlives the processes, and its wall may be moved."""

    def __init__(self) -> None:
        self.now = 0.0
        self.moved_s = 0.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return START + self.now + self.moved_s


class StalledError(Exception):
    """Everybody waits, and nothing is left that could wake anybody."""


class SimulatedLoop(asyncio.BaseEventLoop):
    """One process's life. `die` ends it between two steps; whatever its objects still do then reaches nobody."""

    def __init__(self, *, clock: Clock, random: Random, latency: Callable[[], float]) -> None:
        """`latency` is drawn twice a call of a thread: before the work, and before its answer is heard."""
        super().__init__()
        self.steps = 0
        self.tasks: list[asyncio.Task[Any]] = []
        self.errors: list[str] = []
        self.on_step: Callable[[], None] | None = None
        self._clock = clock
        self._random = random
        self._latency = latency
        self._free_at: dict[Executor | None, float] = {}
        self._queue: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._timed = 0
        self._is_dead = False
        self.set_exception_handler(self._complain)

    @property
    def is_dead(self) -> bool:
        return self._is_dead

    def die(self) -> None:
        self._is_dead = True
        self._queue.clear()
        self._timers.clear()
        self.stop()

    def bury(self) -> None:
        """Ends the tasks of the dead as Python would at some time, now: they reach nobody."""
        asyncio._set_running_loop(self)
        for task in self.alive():
            with suppress(RuntimeError):
                task.get_coro().close()
        asyncio._set_running_loop(None)
        self.close()

    @property
    def is_stalled(self) -> bool:
        """Is somebody waiting for a thread for long?"""
        return any(free_at > self._clock.now + A_MOMENT_S for free_at in self._free_at.values())

    def time(self) -> float:
        return self._clock.now

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        if not self._is_dead:
            self._queue.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        if not self._is_dead:
            self._timed += 1
            heapq.heappush(self._timers, (when, self._timed, handle))
        return handle

    def create_task(self, coro: Any, **named: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = super().create_task(coro, **named)
        self.tasks.append(task)
        return task

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]  # as the base class does, but for its overloads
        """Works of one executor run one after the other, in the order of asking."""
        answer: asyncio.Future[T] = self.create_future()
        starts_at = max(self._clock.now, self._free_at.get(executor, 0.0)) + self._latency()
        self._free_at[executor] = starts_at + self._latency()
        self.call_at(starts_at, self._work, answer, self._free_at[executor], func, args)
        return answer

    def alive(self) -> list[asyncio.Task[Any]]:
        """In the order of their making."""
        self.tasks = [task for task in self.tasks if not task.done()]
        return self.tasks

    def _work(self, answer: asyncio.Future[T], heard_at: float, func: Callable[..., T], args: tuple[Any, ...]) -> None:
        try:
            result = func(*args)
        except Exception as error:  # noqa: BLE001 - it goes to who asked, as a thread's does
            self.call_at(heard_at, _fail, answer, error)
        else:
            self.call_at(heard_at, _answer, answer, result)

    def _run_once(self) -> None:
        self._wake_timers()
        if not self._queue:
            self._jump()
            self._wake_timers()
        place = int(self._random.random() * len(self._queue))
        self._queue[place], self._queue[-1] = self._queue[-1], self._queue[place]
        handle = self._queue.pop()
        if not handle.cancelled():
            self.steps += 1
            handle._run()
            if self.on_step is not None and not self._is_dead:
                self.on_step()

    def _wake_timers(self) -> None:
        while self._timers and (self._timers[0][0] <= self._clock.now or self._timers[0][2].cancelled()):
            _, _, handle = heapq.heappop(self._timers)
            if not handle.cancelled():
                self._queue.append(handle)

    def _jump(self) -> None:
        if not self._timers:
            raise StalledError
        self._clock.now = self._timers[0][0]

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed over when its time comes."""

    def _complain(self, _: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
        if not self._is_dead and isinstance(about.get("handle"), asyncio.Handle):
            self.errors.append(f"{about['message']}: {about.get('exception')!r}")


def _answer(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
