"""Whatever is taken, reached for, cancelled and given back: the total holds, somebody gets on, nothing stays held."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.runtime import Allowance, Credits
from tests.virtual_time import run_virtual

TOTAL = 10

sizes = st.integers(0, TOTAL + 5)
steps = st.tuples(st.sampled_from(["reach", "wait", "shrink", "give_back"]), sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one holder does, and when it is cut."""

    pause: int
    lane: str
    size: int
    is_offer: bool
    steps: list[tuple[str, int]]
    is_cancelled_at: int | None


plans = st.builds(
    Plan,
    pause=st.integers(0, 3),
    lane=st.sampled_from("abc"),
    size=sizes,
    is_offer=st.booleans(),
    steps=st.lists(steps, max_size=5),
    is_cancelled_at=st.none() | st.integers(0, 12),
)


@dataclass(slots=True, kw_only=True)
class Holders:
    """They come, hold, and go; each looks at the whole after each of its steps."""

    credits: Credits
    largest_total: int = TOTAL
    holding: list[Allowance] = field(default_factory=list)

    async def live(self, plan: Plan) -> None:
        await asyncio.sleep(plan.pause)
        allowance = self.credits.offer(plan.size) if plan.is_offer else None
        allowance = allowance or await self.credits.take(plan.size, lane=plan.lane)
        self.holding.append(allowance)
        try:
            for step, size in plan.steps:
                self.check()
                await self._do(allowance, step, size)
        finally:
            allowance.give_back()
            self.check()

    async def _do(self, allowance: Allowance, step: str, size: int) -> None:
        match step:
            case "wait":
                await asyncio.sleep(size)
            case "shrink":
                allowance.shrink(size)
            case "reach" if not allowance.is_over:
                await allowance.reach(size)
                assert allowance.held >= size
            case _:
                allowance.give_back()

    def check(self) -> None:
        """The credits may know of a holder that has not come round yet: it was granted its first just now."""
        held = sorted(allowance.held for allowance in self.holding)
        assert sum(held) <= self.credits.held_bytes
        assert all(size >= 0 for size in held)
        assert sum(held[:-1]) <= self.largest_total


async def play(holders: Holders, played: Sequence[Plan], changes: Sequence[tuple[int, int]]) -> None:
    """`changes` of the total: when, and to what."""
    loop = asyncio.get_running_loop()
    tasks = [asyncio.create_task(holders.live(plan)) for plan in played]
    for task, plan in zip(tasks, played, strict=True):
        if plan.is_cancelled_at is not None:
            loop.call_later(plan.is_cancelled_at, task.cancel)
    for at, total in changes:
        loop.call_later(at, setattr, holders.credits, "total_bytes", total)
    ended, _ = await asyncio.wait(tasks)
    for task in ended:
        assert task.cancelled() or task.exception() is None, task.exception()


@settings(deadline=None, max_examples=200)
@given(
    played=st.lists(plans, min_size=1, max_size=8),
    changes=st.lists(st.tuples(st.integers(0, 12), st.integers(1, 2 * TOTAL)), max_size=3),
)
def test_the_total_holds_but_for_one_and_all_come_to_their_end_and_leave_nothing(
    played: list[Plan], changes: list[tuple[int, int]]
) -> None:
    """A deadlock is an error of the virtual loop: everybody waits."""

    async def scenario() -> None:
        largest = max([TOTAL, *(total for _, total in changes)])
        holders = Holders(credits=Credits(TOTAL), largest_total=largest)
        await play(holders, played, changes)
        assert (holders.credits.held_bytes, holders.credits.waiting) == (0, 0)
        await _is_as_new(holders.credits)

    run_virtual(scenario())


async def _is_as_new(credits: Credits) -> None:  # noqa: A002 - the word for them
    """All of it can be had, and no more."""
    whole = credits.offer(credits.total_bytes)
    assert whole is not None
    assert credits.offer(1) is None
    whole.give_back()


@settings(deadline=None)
@given(
    lanes=st.lists(st.sampled_from("abcd"), min_size=1, max_size=20),
    cancelled=st.sets(st.integers(0, 19)),
)
def test_lanes_come_in_turn_and_within_a_lane_each_in_order_and_the_cancelled_hold_nobody_up(
    lanes: list[str], cancelled: set[int]
) -> None:
    async def scenario() -> None:
        budget = Credits(1)
        first = await budget.take(1, lane="a")
        served: list[int] = []
        tasks = [asyncio.create_task(_taking(budget, lane, number, served)) for number, lane in enumerate(lanes)]
        await asyncio.sleep(1)
        for number in cancelled & set(range(len(lanes))):
            tasks[number].cancel()
        await asyncio.sleep(1)
        first.give_back()
        await asyncio.wait(tasks)
        assert served == _in_turn([(lane, n) for n, lane in enumerate(lanes) if n not in cancelled], lanes)

    run_virtual(scenario())


async def _taking(budget: Credits, lane: str, number: int, served: list[int]) -> None:
    allowance = await budget.take(1, lane=lane)
    served.append(number)
    await asyncio.sleep(1)
    allowance.give_back()


def _in_turn(waiting: list[tuple[str, int]], lanes: list[str]) -> list[int]:
    """The lanes' turns are as they came, whoever was cancelled: those that are left without anybody apart."""
    lines = {lane: deque(n for each, n in waiting if each == lane) for lane in dict.fromkeys(lanes)}
    order: list[int] = []
    while any(lines.values()):
        order += [line.popleft() for line in lines.values() if line]
    return order


async def test_who_holds_some_goes_before_who_has_not_begun() -> None:
    budget = Credits(10)
    holder, other = await budget.take(4, lane="a"), await budget.take(6, lane="b")
    beginning = asyncio.create_task(budget.take(1, lane="c"))
    finishing = asyncio.create_task(holder.reach(9))
    reaching = asyncio.create_task(other.reach(7))
    await _all_waited()
    assert (finishing.done(), reaching.done(), beginning.done()) == (True, False, False)
    holder.give_back()
    await _all_waited()
    assert (reaching.done(), beginning.done()) == (True, True)
    assert budget.held_bytes == 8


async def test_the_finisher_is_not_kept_waiting_and_there_is_one_at_a_time() -> None:
    budget = Credits(10)
    first, second = await budget.take(5, lane="a"), await budget.take(5, lane="b")
    await _at_once(first.reach(50))
    await _at_once(first.reach(500))
    reaching = asyncio.create_task(second.reach(50))
    await _all_waited()
    assert not reaching.done()
    first.shrink(5)
    await _all_waited()
    assert reaching.done()
    assert budget.held_bytes == 55


async def test_what_is_larger_than_all_of_it_is_had_when_nobody_else_holds_any() -> None:
    budget = Credits(10)
    small = budget.offer(1)
    assert small is not None
    assert budget.offer(11) is None
    waiting = asyncio.create_task(budget.take(11, lane="a"))
    await _all_waited()
    assert not waiting.done()
    small.give_back()
    assert (await waiting).held == 11
    assert budget.offer(0) is None


async def test_nobody_overtakes_who_waits() -> None:
    budget = Credits(10)
    held = await budget.take(8, lane="a")
    waiting = asyncio.create_task(budget.take(5, lane="b"))
    await _all_waited()
    assert budget.offer(1) is None
    held.give_back()
    assert (await waiting).held == 5
    assert budget.offer(1) is not None


async def test_an_allowance_that_was_given_back_holds_nothing_ever_after() -> None:
    budget = Credits(10)
    over, other = await budget.take(5, lane="a"), await budget.take(5, lane="b")
    other_reach = asyncio.create_task(other.reach(20))
    reaching = asyncio.create_task(over.reach(9))
    await _all_waited()
    over.give_back()
    over.give_back()
    other.give_back()
    await other_reach
    with pytest.raises(RuntimeError):
        await reaching
    with pytest.raises(RuntimeError):
        await over.reach(1)
    assert (over.held, budget.held_bytes) == (0, 0)


async def test_a_smaller_total_takes_effect_as_credits_come_back_and_a_larger_one_at_once() -> None:
    budget = Credits(10)
    first, second = await budget.take(5, lane="a"), await budget.take(5, lane="b")
    budget.total_bytes = 6
    waiting = asyncio.create_task(budget.take(3, lane="c"))
    first.give_back()
    await _all_waited()
    assert not waiting.done()
    budget.total_bytes = 8
    await _all_waited()
    assert waiting.done()
    assert second.most == 10


async def _at_once(work: Awaitable[None]) -> None:
    async with asyncio.timeout(0.1):
        await work


async def _all_waited() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_where_nobody_may_overdraw_who_wants_more_waits_until_others_give_back() -> None:
    budget = Credits(100, may_overdraw=False)
    one, other = await budget.take(60, lane="a"), await budget.take(40, lane="b")
    reaching = asyncio.ensure_future(one.reach(90))
    await asyncio.sleep(0)
    assert (budget.held_bytes, budget.waiting) == (100, 1)
    other.give_back()
    await reaching
    assert budget.held_bytes == 90
    one.give_back()
