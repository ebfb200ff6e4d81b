"""Giving back what a lost actor had in hand.

Done once for each lost actor, within the child's grace, even if who waits for it is cancelled and another comes.
"""

import asyncio
from typing import Any

from engine.runtime.actor import Actor
from engine.runtime.child import Child
from engine.runtime.events import GiveBackFailed
from engine.runtime.observer import Observer

_LEAVE_S = 1.0  # how long a hook that took too long may take to leave once it is cancelled


class Loss:
    """Holds on to an actor that was lost until the child's hook has seen it."""

    def __init__(self, child: Child[Any], observer: Observer) -> None:
        self._child = child
        self._observer = observer
        self._actor: Actor | None = None
        self._cause: BaseException | None = None
        self._task: asyncio.Task[None] | None = None

    def happened_to(self, actor: Actor | None, cause: BaseException | None) -> None:
        """No actor is one that never came to be built, no cause is that it was cancelled."""
        self._actor, self._cause = actor, cause

    async def give_back(self) -> None:
        if self._task is None:
            actor, self._actor = self._actor, None
            if actor is None or self._child.on_loss is None:
                return
            self._task = asyncio.create_task(self._take(actor, self._cause), name=f"{self._child.name}.on_loss")
        error = await _error_of(self._task, within_s=self._child.grace_s)
        self._task = None
        if error is not None:
            self._observer.saw(GiveBackFailed(name=self._child.name, error=error))

    async def _take(self, actor: Actor, cause: BaseException | None) -> None:
        if self._child.on_loss is not None:
            await self._child.on_loss(actor, cause)


async def _error_of(task: asyncio.Task[None], *, within_s: float) -> BaseException | None:
    await asyncio.wait((task,), timeout=within_s)
    if not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=_LEAVE_S)
        return TimeoutError("nothing was given back in time")
    return asyncio.CancelledError() if task.cancelled() else task.exception()
