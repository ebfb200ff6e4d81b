"""A child together with the actor that is it at present.

No successor is built before the actor has ended.
"""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from engine.runtime.actor import Actor
from engine.runtime.branch import Branch, Node, State, StopReport
from engine.runtime.child import Child
from engine.runtime.events import ActorCrashed, ActorCut, ActorStarted, ActorStopped, ActorStuck
from engine.runtime.loss import Loss
from engine.runtime.observer import Observer
from engine.runtime.waking import wake

_HASTE_S = 0.02  # a grace in a hurry: enough for one that ends when told
_CUT_S = 1.0  # how long one that was cancelled after its grace may take to leave


class Ward:
    """Starts a child's actors one after the other, says when one has ended, stops it."""

    def __init__(self, child: Child[Any], observer: Observer, on_end: Callable[["Ward"], None]) -> None:
        self.state = State.WAITING
        self.restarts = 0
        self.error: BaseException | None = None
        self.is_needed_at_drains = child.is_needed_at_drains
        self.loss = Loss(child, observer)
        self._child = child
        self._observer = observer
        self._on_end = on_end
        self._actor: Actor | None = None
        self._task: asyncio.Task[None] | None = None
        self._gone: asyncio.Future[None] | None = None
        self._patience: asyncio.Future[None] | None = None
        self._ran_until: float | None = None
        self._is_hurried = False
        self._is_cancelled = False
        self._report = StopReport()

    @property
    def name(self) -> str:
        return self._child.name

    def start(self) -> None:
        self.state = State.RUNNING
        self.error = None
        self._actor = None
        self._is_cancelled = False
        self._gone = asyncio.get_running_loop().create_future()
        context = copy_context()  # what is said of its end is said in its own context, too
        self._task = asyncio.create_task(self._live(), name=self.name, context=context)
        self._task.add_done_callback(self._ended, context=context)

    async def stop(self, *, for_good: bool) -> StopReport:
        """End the actor and wait until it has ended; harmless if it has, or was told to before."""
        if self._task is None or self._gone is None or self._gone.done():
            return self._report
        self._leave()
        self.state = State.STOPPING
        await self._ask_to_end(self._task, for_good=for_good)
        if not await self._ends_within_grace(self._gone):
            await self._cut(self._task, self._gone)
        return self._report

    def hurry(self) -> None:
        self._is_hurried = True
        if self._patience is not None:
            wake(self._patience)
        if isinstance(self._actor, Branch):
            self._actor.hurry()

    def await_start(self) -> None:
        self.state = State.WAITING
        self._report = StopReport()

    def retire(self) -> None:
        """Be done, unless it still runs."""
        if self.state is not State.STUCK:
            self.state = State.DONE

    def node(self, *, deep: bool) -> Node:
        below = self._actor.tree().children if deep and isinstance(self._actor, Branch) else ()
        return Node(name=self.name, state=self.state, restarts=self.restarts, down_s=self.down_s, children=below)

    @property
    def down_s(self) -> float:
        if self.state is State.RUNNING:
            return self._actor.down_s if isinstance(self._actor, Branch) else 0.0
        if self._ran_until is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._ran_until

    def _leave(self) -> None:
        if self.state is State.RUNNING:
            self._ran_until = asyncio.get_running_loop().time()

    async def _live(self) -> None:
        actor = self._actor = self._child.build()
        if isinstance(actor, Branch):
            actor.is_nested = True
        self._observer.saw(ActorStarted(name=self.name))
        await actor.run()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._leave()
        self.error = self._error_of(task)
        if task.cancelled() or self.error is not None:
            self.loss.happened_to(self._actor, self.error)
        if self.error is None:
            self.state = State.DONE
            self._observer.saw(ActorStopped(name=self.name))
        else:
            self.state = State.CRASHED
            self._observer.saw(ActorCrashed(name=self.name, error=self.error))
        self._actor = None
        if self._gone is not None:
            wake(self._gone)
        self._on_end(self)

    def _error_of(self, task: asyncio.Task[None]) -> BaseException | None:
        if not task.cancelled():
            return task.exception()
        # One that ends as cancelled though we did not ask it to has crashed like any other.
        return None if self._is_cancelled else asyncio.CancelledError()

    async def _ask_to_end(self, task: asyncio.Task[None], *, for_good: bool) -> None:
        if self._actor is None:
            await asyncio.sleep(0)  # one that was started just now is built by then
        actor, stop = self._actor, self._child.stop
        if isinstance(actor, Branch):
            self._report = await (actor.drain() if for_good else actor.take_down())
        elif actor is None or stop is None or not for_good:
            self._cancel(task)
        else:
            try:
                stop(actor)
            except Exception as error:  # noqa: BLE001 - whatever it was, the others must be stopped all the same
                self._observer.saw(ActorCrashed(name=self.name, error=error))
                self._cancel(task)

    async def _ends_within_grace(self, gone: asyncio.Future[None]) -> bool:
        loop = asyncio.get_running_loop()
        self._patience = loop.create_future()
        timer = loop.call_later(_HASTE_S if self._is_hurried else self._child.grace_s, wake, self._patience)
        try:
            await asyncio.wait((gone, self._patience), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            self._patience = None
        return gone.done()

    async def _cut(self, task: asyncio.Task[None], gone: asyncio.Future[None]) -> None:
        self._observer.saw(ActorCut(name=self.name))
        self._cancel(task)
        await asyncio.wait((gone,), timeout=_CUT_S)
        if gone.done():
            self._report = StopReport.of((self._report, StopReport(cut=(self.name,))))
        else:
            self.state = State.STUCK
            self._observer.saw(ActorStuck(name=self.name))
            self._report = StopReport.of((self._report, StopReport(stuck=(self.name,))))

    def _cancel(self, task: asyncio.Task[None]) -> None:
        self._is_cancelled = True
        task.cancel()
