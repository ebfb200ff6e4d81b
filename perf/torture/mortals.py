"""Actors that can be made to crash, each with what it has in hand; planted in a daemon by perf/torture/mortal.py.

One is struck when it next wakes, for a message or a tick, and the exception goes up from where it waits then: in the
middle of a fetch, a claim or a commit.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

from actors.system import ROOT
from engine.runtime import Actor, Branch, Child, Supervisor, ticks

REAPER = "reaper"
WAKES_WITHIN_S = 0.5
"""One that has nothing to do meanwhile is struck in its sleep."""


class KilledError(Exception):
    """Killed."""


class Life:
    """The run of one actor; `is_its_turn` is asked each time it wakes."""

    def __init__(self, run: Callable[[], Awaitable[None]], is_its_turn: Callable[[], bool]) -> None:
        self._run = run
        self._is_its_turn = is_its_turn
        self._is_struck = False
        self._task: asyncio.Task[Any] | None = None

    async def live(self) -> None:
        self._task = asyncio.current_task()
        try:
            await self
        except asyncio.CancelledError:
            if not self._is_struck:
                raise
        if self._is_struck:
            raise KilledError

    def strike(self) -> None:
        """Where it waits now, or will wait next."""
        self._is_struck = True
        if self._task is not None:
            self._task.cancel()

    def __await__(self) -> Generator[Any, None, None]:
        steps = self._run().__await__()
        step: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                waits_for = step()
            except StopIteration:
                return
            try:
                yield waits_for
                step = partial(next, steps)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is meant for who waits
                step = partial(_thrown, steps, error)
            if self._is_its_turn():
                self.strike()


class Mortals:
    """The living by their kind, and the kinds of which one is to die."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._living: defaultdict[str, set[Life]] = defaultdict(set)
        self._doomed: set[str] = set()

    def child(self, child: Child[Any]) -> Child[Any]:
        """The same, but mortal; a supervisor is none, its children are."""
        return replace(child, build=partial(self._born, child))

    def doom(self) -> None:
        """One of each kind: the first that wakes."""
        self._doomed.update(kind for kind, lives in self._living.items() if lives)

    def strike(self) -> None:
        """Of the kinds of which nobody woke."""
        for kind in self._doomed:
            if lives := self._living[kind]:
                self._random.choice(list(lives)).strike()
        self._doomed.clear()

    def _born(self, child: Child[Any]) -> Actor:
        actor: Actor = child.build()
        if not isinstance(actor, Branch):
            life = Life(actor.run, partial(self._is_turn_of, child.name))
            setattr(actor, "run", partial(self._live, child.name, life))  # noqa: B010 - the fault
        return actor

    async def _live(self, kind: str, life: Life) -> None:
        self._living[kind].add(life)
        try:
            await life.live()
        finally:
            self._living[kind].discard(life)

    def _is_turn_of(self, kind: str) -> bool:
        if kind not in self._doomed:
            return False
        self._doomed.discard(kind)
        return True


class Reaper(Actor):
    """Has one of each kind die, again and again."""

    def __init__(self, *, mortals: Mortals, every_s: float) -> None:
        self._mortals = mortals
        self._every_s = every_s

    async def run(self) -> None:
        async for _ in ticks(self._every_s):
            self._mortals.doom()
            await asyncio.sleep(WAKES_WITHIN_S)
            self._mortals.strike()


def mortal(every_s: float, random: Random) -> AbstractContextManager[object]:
    """All actors of all systems that are made meanwhile."""
    mortals = Mortals(random)
    reaper = Child(name=REAPER, build=lambda: Reaper(mortals=mortals, every_s=every_s))

    def supervisor(*, name: str, children: list[Child[Any]], **told: Any) -> Supervisor:
        own = [mortals.child(child) for child in children]
        return Supervisor(name=name, children=[*own, reaper] if name == ROOT else own, **told)

    return patch("actors.system.Supervisor", supervisor)


def _thrown(steps: Any, error: BaseException) -> Any:
    return steps.throw(error)
