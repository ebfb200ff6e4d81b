"""Actors that do what a test tells them, and a diary of what became of them."""

import asyncio
import random
from dataclasses import replace
from typing import Any

from engine.runtime import Actor, Child, Observer, RestartPolicy, StopReport, Strategy, Supervisor


class Player(Actor):
    """Runs until it is told its end: an error, or None to return."""

    def __init__(self, name: str, diary: list[str], *, is_deaf: bool = False) -> None:
        self._name = name
        self._diary = diary
        self._is_deaf = is_deaf
        self._end: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        diary.append(f"{name} starts")

    async def run(self) -> None:
        try:
            while (error := await self._wait()) is not None:
                raise error
        finally:
            self._diary.append(f"{self._name} ends")

    def end(self, error: BaseException | None = None) -> None:
        if not self._end.done():
            self._end.set_result(error)

    def ignore(self) -> None:
        """Be told to stop, and go on."""
        self._diary.append(f"{self._name} told")

    async def lose(self, error: BaseException | None) -> None:
        self._diary.append(f"{self._name} {'cut' if error is None else 'lost'}")

    async def _wait(self) -> BaseException | None:
        while True:
            try:
                return await asyncio.shield(self._end)
            except asyncio.CancelledError:
                if not self._is_deaf or self._end.done():
                    raise


class Troupe:
    """The players on stage by name; only the latest of a name can be told anything."""

    def __init__(self) -> None:
        self.diary: list[str] = []
        self.stage: dict[str, Player] = {}

    def child(self, name: str, *, is_deaf: bool = False, **how: Any) -> Child[Player]:
        def build() -> Player:
            self.stage[name] = Player(name, self.diary, is_deaf=is_deaf)
            return self.stage[name]

        return replace(Child(name=name, build=build, stop=Player.end), **how)

    def children(self, names: str, **how: Any) -> list[Child[Player]]:
        return [self.child(name, **how) for name in names]

    async def crash(self, *names: str) -> None:
        for name in names:
            self.stage[name].end(LookupError(name))
        await settle()

    async def end(self, name: str) -> None:
        self.stage[name].end()
        await settle()

    def so_far(self) -> list[str]:
        """Read the diary and begin a new page."""
        page = self.diary.copy()
        self.diary.clear()
        return page


def a_policy(max_restarts: int = 3, *, delay_s: float = 1.0) -> RestartPolicy:
    """Each delay is the same."""
    return RestartPolicy(
        max_restarts=max_restarts, window_s=60, backoff_first_s=delay_s, backoff_cap_s=delay_s, calm_s=600
    )


class Highest(random.Random):
    """Draws no luck: delays are as long as they can be."""

    def random(self) -> float:
        return 1.0


def a_supervisor(
    children: list[Child[Any]],
    *,
    name: str = "root",
    strategy: Strategy = Strategy.ONE_FOR_ONE,
    policy: RestartPolicy | None = None,
    observer: Observer | None = None,
) -> Supervisor:
    return Supervisor(
        name=name,
        children=children,
        strategy=strategy,
        policy=policy or a_policy(),
        random=Highest(),
        observer=observer,
    )


async def settle() -> None:
    """Let everybody come to rest; in virtual time a moment is enough."""
    await asyncio.sleep(0.001)


async def started(supervisor: Supervisor) -> asyncio.Task[None]:
    running = asyncio.create_task(supervisor.run())
    await settle()
    return running


async def drained(supervisor: Supervisor, running: asyncio.Task[None]) -> StopReport:
    report = await supervisor.drain()
    await running
    return report
