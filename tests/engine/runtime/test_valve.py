"""The valve: no more come in than it is wide, nobody waits while there is room, whoever is cancelled or cut off."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime import Valve
from tests.virtual_time import run_virtual


@dataclass(slots=True, kw_only=True)
class Crowd:
    """Those who came, in the order of asking, and who is inside."""

    valve: Valve
    group: asyncio.TaskGroup
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    inside: list[int] = field(default_factory=list)
    outs: list[asyncio.Event] = field(default_factory=list)

    def come(self) -> None:
        self.outs.append(asyncio.Event())
        self.tasks.append(self.group.create_task(self._visit(len(self.tasks))))

    async def _visit(self, number: int) -> None:
        await self.valve.enter()
        self.inside.append(number)
        try:
            await self.outs[number].wait()
        finally:
            self.inside.remove(number)
            self.valve.leave()

    @property
    def waiting(self) -> int:
        return sum(not task.done() for task in self.tasks) - len(self.inside)


async def rest() -> None:
    await asyncio.sleep(1)


WIDTHS = st.tuples(st.just("width"), st.integers(1, 5))
COMINGS = st.tuples(st.just("come"), st.integers(1, 4))
ENDS = st.tuples(st.sampled_from(["cancel", "let out"]), st.integers(0, 30))
PAUSES = st.tuples(st.just("rest"), st.just(0))


@given(st.integers(1, 5), st.lists(st.one_of(COMINGS, WIDTHS, ENDS, PAUSES), max_size=40))
def test_whatever_comes_no_more_come_in_than_fit_and_nobody_waits_for_room_that_there_is(
    width: int, steps: list[tuple[str, int]]
) -> None:
    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            crowd = Crowd(valve=Valve(width), group=group)
            for step, number in steps:
                before = crowd.valve.inside
                if step == "rest":
                    await rest()
                    _is_in_order(crowd)
                _do(crowd, step, number)
                assert crowd.valve.inside <= max(crowd.valve.width, before)
            await rest()
            _is_in_order(crowd)
            crowd.valve.close()
            await rest()
            assert not crowd.waiting
            assert not crowd.valve.is_crowded
            for out in crowd.outs:
                out.set()
        assert crowd.valve.inside == 0

    run_virtual(main())


def _do(crowd: Crowd, step: str, number: int) -> None:
    if step == "width":
        crowd.valve.width = number
    elif step == "come":
        for _ in range(number):
            crowd.come()
    elif crowd.tasks and step == "cancel":
        crowd.tasks[number % len(crowd.tasks)].cancel()
    elif crowd.tasks and step == "let out":
        crowd.outs[number % len(crowd.outs)].set()


def _is_in_order(crowd: Crowd) -> None:
    valve = crowd.valve
    assert valve.inside == len(crowd.inside)
    assert not crowd.waiting or valve.inside >= valve.width
    assert valve.is_crowded == (valve.inside > valve.width)


async def test_they_come_in_in_the_order_of_asking() -> None:
    async with asyncio.TaskGroup() as group:
        crowd = Crowd(valve=Valve(1), group=group)
        for _ in range(5):
            crowd.come()
        came = list[int]()
        for _ in range(5):
            for _ in range(3):
                await asyncio.sleep(0)
            came += crowd.inside
            crowd.outs[crowd.inside[0]].set()
    assert came == [0, 1, 2, 3, 4]


async def test_one_that_is_cancelled_in_the_moment_of_its_turn_leaves_no_gap() -> None:
    valve = Valve(1)
    assert valve.offer()
    waiting = asyncio.create_task(valve.enter())
    await asyncio.sleep(0)
    valve.leave()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert valve.offer()


async def test_narrowed_it_is_crowded_until_enough_have_left() -> None:
    valve = Valve(3)
    assert [valve.offer() for _ in range(4)] == [True, True, True, False]
    valve.width = 1
    for _ in range(2):
        assert valve.is_crowded
        valve.leave()
        assert not valve.offer()
    assert not valve.is_crowded
