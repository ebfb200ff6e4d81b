"""The gate: many in company or one alone, and nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from engine.runtime import Gate


class Crowd:
    """Those who want in, in the order of asking; each is let out by name."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self.gate = Gate()
        self.inside: list[str] = []
        self._group = group
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._outs: dict[str, asyncio.Event] = {}

    async def ask(self, *names: str) -> None:
        """A name in capitals wants to be alone."""
        for name in names:
            self._outs[name] = asyncio.Event()
            self._tasks[name] = self._group.create_task(self._visit(name))
        await self._turns()

    async def let_out(self, *names: str) -> None:
        for name in names:
            self._outs[name].set()
        await self._turns()

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        await self._turns()

    async def _visit(self, name: str) -> None:
        if name.isupper() or not self.gate.offer():
            await self.gate.enter(alone=name.isupper())
        self.inside.append(name)
        try:
            await self._outs[name].wait()
        finally:
            self.inside.remove(name)
            self.gate.leave()

    async def _turns(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)


@asynccontextmanager
async def a_crowd() -> AsyncIterator[Crowd]:
    async with asyncio.TaskGroup() as group:
        yield Crowd(group)


async def test_many_are_inside_in_company_without_a_wait() -> None:
    gate = Gate()
    assert [gate.offer() for _ in range(3)] == [True] * 3


async def test_one_that_wants_to_be_alone_waits_for_all_and_keeps_all_out() -> None:
    async with a_crowd() as crowd:
        await crowd.ask("a", "b", "S")
        await crowd.let_out("a")
        assert crowd.inside == ["b"]
        await crowd.let_out("b")
        assert crowd.inside == ["S"]
        await crowd.ask("c")
        assert crowd.inside == ["S"]
        await crowd.let_out("S")
        assert crowd.inside == ["c"]
        await crowd.let_out("c")


async def test_who_comes_while_one_waits_to_be_alone_waits_behind_it() -> None:
    async with a_crowd() as crowd:
        await crowd.ask("a", "S", "b", "c", "T", "d")
        assert crowd.inside == ["a"]
        await crowd.let_out("a")
        assert crowd.inside == ["S"]
        await crowd.let_out("S")
        assert crowd.inside == ["b", "c"]
        await crowd.let_out("b", "c")
        assert crowd.inside == ["T"]
        await crowd.let_out("T")
        assert crowd.inside == ["d"]
        await crowd.let_out("d")


async def _alone_then_cancelled(crowd: Crowd) -> None:
    await crowd.let_out("a")
    await crowd.cancel("S")


ENDS: dict[str, Callable[[Crowd], Awaitable[None]]] = {
    "while it waits": lambda crowd: crowd.cancel("S"),
    "when it is alone": _alone_then_cancelled,
}


@pytest.mark.parametrize("how", ENDS)
async def test_one_that_is_cancelled_holds_nobody_up(how: str) -> None:
    async with a_crowd() as crowd:
        await crowd.ask("a", "S", "b")
        await ENDS[how](crowd)
        assert "b" in crowd.inside
        await crowd.let_out("a", "b")
        assert crowd.gate.offer()


async def test_one_that_is_cancelled_in_the_moment_of_its_turn_leaves_no_gap() -> None:
    gate = Gate()
    assert gate.offer()
    waiting = asyncio.create_task(gate.enter(alone=True))
    await asyncio.sleep(0)
    gate.leave()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert gate.offer()
