"""The gate: many in company or one alone, each with a share of the time that is known, and nobody waits for ever."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime import Gate
from tests.virtual_time import run_virtual

LONGEST = 7
"""Seconds that one stays inside. All times are whole seconds, so that much happens in one moment."""
LONGEST_SHUT = 2 * LONGEST
"""Those inside leave, and then one is alone."""
LONGEST_DAY = 1000


@dataclass(slots=True, kw_only=True)
class Visit:
    """One who wants in, and how that went: `came_in` is None for who gave up."""

    comes: int
    stays: int
    alone: bool = False
    patience: int | None = None
    came_in: float | None = None
    left: float = 0.0

    async def to(self, gate: Gate, asked: list["Visit"]) -> None:
        now = asyncio.get_running_loop().time
        await asyncio.sleep(self.comes)
        asked.append(self)
        try:
            async with asyncio.timeout(self.patience):
                if self.alone or not gate.offer():
                    await gate.enter(alone=self.alone)
        except TimeoutError:
            return
        self.came_in = now()
        await asyncio.sleep(self.stays)
        gate.leave()
        self.left = now()

    @property
    def waited(self) -> float:
        return 0.0 if self.came_in is None else self.came_in - self.comes


@dataclass(slots=True)
class Day:
    """A gate and all who come to it, seen once between every two moments in which something may happen."""

    visits: Sequence[Visit]
    gate: Gate = field(default_factory=Gate)
    was_shut: list[bool] = field(default_factory=list)
    asked: list[Visit] = field(default_factory=list)

    async def pass_by(self) -> None:
        """Whoever comes last gets in alone: it would not if anybody had left less than came in."""
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(self._watch())
            async with asyncio.TaskGroup() as visitors:
                for visit in self.visits:
                    visitors.create_task(visit.to(self.gate, self.asked))
            async with asyncio.timeout(LONGEST_SHUT + 1):
                await self.gate.enter(alone=True)
            watch.cancel()

    async def _watch(self) -> None:
        await asyncio.sleep(0.5)
        for _ in range(LONGEST_DAY):
            self.was_shut.append(self.gate.is_shut)
            await asyncio.sleep(1)

    @property
    def alone(self) -> list[Visit]:
        """In the order of asking."""
        return [visit for visit in self.asked if visit.alone]

    def overlaps(self) -> Iterator[tuple[Visit, Visit]]:
        inside = [visit for visit in self.visits if visit.came_in is not None]
        for one, other in combinations(inside, 2):
            if max(one.came_in or 0.0, other.came_in or 0.0) < min(one.left, other.left):
                yield one, other

    def shut_until(self, moment: int) -> int:
        """For how long it had been then, for the last of those who wanted to be alone."""
        lasted = len(list(takewhile(bool, reversed(self.was_shut[:moment]))))
        ends = [
            visit.left if visit.came_in is not None else visit.comes + (visit.patience or 0) for visit in self.alone
        ]
        return int(min([lasted, *(moment - end for end in ends if end < moment)]))


visits = st.builds(
    Visit,
    comes=st.integers(0, 40),
    stays=st.integers(0, LONGEST),
    alone=st.booleans(),
    patience=st.none() | st.integers(0, 2 * LONGEST),
)
days = st.lists(visits, max_size=30).map(Day)


@given(days)
def test_whoever_is_alone_is_beside_nobody(day: Day) -> None:
    run_virtual(day.pass_by())
    assert not [(one, other) for one, other in day.overlaps() if one.alone or other.alone]


@given(days)
def test_to_who_waited_it_is_open_for_as_long_as_it_was_shut_before_it_is_shut_again(day: Day) -> None:
    run_virtual(day.pass_by())
    for visit in day.visits:
        if not visit.alone and visit.waited and visit.came_in is not None:
            came_in = int(visit.came_in)
            assert not any(day.was_shut[came_in : came_in + day.shut_until(came_in)])


def test_where_nobody_waits_for_them_one_who_is_alone_follows_the_other() -> None:
    alone = [Visit(comes=0, stays=2, alone=True) for _ in range(5)]
    other = Visit(comes=9, stays=1)
    run_virtual(Day([*alone, other]).pass_by())
    assert [visit.came_in for visit in alone] == [0, 2, 4, 6, 8]
    assert other.came_in == 10


@given(days)
def test_who_comes_in_company_waits_for_one_that_is_alone_and_no_more(day: Day) -> None:
    run_virtual(day.pass_by())
    for visit in day.visits:
        if not visit.alone:
            assert visit.waited <= LONGEST_SHUT
            assert visit.came_in is not None or visit.patience is not None


@given(days)
def test_all_who_want_to_be_alone_are_so_in_the_order_of_asking_and_in_a_time_that_is_known(day: Day) -> None:
    run_virtual(day.pass_by())
    for before, visit in enumerate(day.alone):
        assert visit.came_in is not None or visit.patience is not None
        assert visit.waited <= before * 2 * LONGEST_SHUT + LONGEST_SHUT
    served = [visit.came_in for visit in day.alone if visit.came_in is not None]
    assert served == sorted(served)


def test_many_are_inside_in_company_without_a_wait() -> None:
    gate = Gate()
    assert [gate.offer() for _ in range(3)] == [True] * 3


def test_one_that_asks_after_a_long_rest_shuts_it_at_once_and_the_next_once_others_had_as_long() -> None:
    first, second = Visit(comes=9, stays=3, alone=True), Visit(comes=10, stays=1, alone=True)
    others = [Visit(comes=number, stays=2) for number in range(0, 30, 2)]
    run_virtual(Day([*others, first, second]).pass_by())
    assert (first.came_in, second.came_in) == (10, 18)  # shut from 9 to 13, and from 17 to 19
    assert [visit.comes for visit in others if visit.waited] == [10, 12, 18]


def test_once_it_is_closed_everybody_is_let_in_now_and_later() -> None:
    gate = Gate()

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            assert gate.offer()
            for number in range(6):
                group.create_task(gate.enter(alone=number % 2 == 0))
            await asyncio.sleep(1)
            gate.close()
        assert gate.offer()
        await gate.enter(alone=True)
        for _ in range(9):
            gate.leave()
        await gate.enter(alone=True)
        assert gate.offer()

    run_virtual(main())


def test_one_that_gives_up_while_it_waits_for_those_inside_holds_nobody_up_any_more() -> None:
    inside, other = Visit(comes=0, stays=LONGEST), Visit(comes=2, stays=1)
    run_virtual(Day([inside, Visit(comes=1, stays=1, alone=True, patience=2), other]).pass_by())
    assert (inside.left, other.came_in) == (LONGEST, 3)


@pytest.mark.parametrize("when", [0, 1])
def test_one_that_is_cancelled_in_the_moment_of_its_turn_leaves_no_gap(when: int) -> None:
    async def main() -> None:
        gate = Gate()
        assert gate.offer()
        waiting = asyncio.create_task(gate.enter(alone=True))
        behind = asyncio.create_task(gate.enter())
        await asyncio.sleep(1)
        for act in (waiting.cancel, gate.leave) if when else (gate.leave, waiting.cancel):
            act()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await behind
        gate.leave()
        await gate.enter(alone=True)

    run_virtual(main())
