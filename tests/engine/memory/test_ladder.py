"""The ladder, over any course that usage may take."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.memory.ladder import HYSTERESIS, PAUSE_CLAIMING, RUNGS, STALLED_PERCENT, Ladder, Times, heights

HIGH, CRITICAL = 0.70, 0.85
HEIGHTS = heights(HIGH, CRITICAL)
TOP = len(RUNGS)
PERIOD_S = 0.5
TIMES = Times(up_s=1.0, down_s=2.0, without_relief_s=20.0, top_s=6.0)
EVER = 5_000

USED = st.floats(0.0, 1.2)
STALLED = st.none() | st.floats(0.0, 100.0)
COURSES = st.lists(st.tuples(USED, STALLED, st.integers(1, 40)), max_size=8)
"""Stretches: what is used, how hard memory is to get, and for how many looks that lasts."""


class Walk:
    """A ladder that is looked at each half second; remembers every rung it stood on, look by look."""

    def __init__(self, times: Times = TIMES) -> None:
        self.ladder = Ladder(heights=HEIGHTS, times=times)
        self.now = 0.0
        self.rungs = [0]

    def go(self, used: float, looks: int = 1, stalled: float | None = None) -> Sequence[int]:
        before = len(self.rungs)
        for _ in range(looks):
            self.now += PERIOD_S
            self.rungs.append(self.ladder.step(self.now, used, stalled))
        return self.rungs[before - 1 :]

    def goes(self, course: Sequence[tuple[float, float | None, int]]) -> None:
        for used, stalled, looks in course:
            self.go(used, looks, stalled)


@pytest.mark.parametrize(("high", "critical"), [(0.70, 0.85), (0.1, 0.2), (0.98, 0.99)])
def test_the_heights_rise_from_high_over_critical_to_below_the_limit(high: float, critical: float) -> None:
    found = heights(high, critical)
    assert (found[0], found[PAUSE_CLAIMING - 1]) == (high, critical)
    assert all(lower < higher < 1 for lower, higher in pairwise(found))


@settings(deadline=None, max_examples=60)
@given(COURSES)
def test_going_down_it_steps_on_every_rung_and_stands_on_each(
    course: Sequence[tuple[float, float | None, int]],
) -> None:
    walk = Walk()
    walk.goes(course)
    fell_at = [n for n, (before, after) in enumerate(pairwise(walk.rungs)) if after < before]
    assert all(walk.rungs[n] - walk.rungs[n + 1] == 1 for n in fell_at)
    assert all((later - sooner) * PERIOD_S >= TIMES.down_s for sooner, later in pairwise(fell_at))


@settings(deadline=None, max_examples=60)
@given(COURSES)
def test_below_the_critical_height_it_climbs_one_rung_at_a_time(
    course: Sequence[tuple[float, float | None, int]],
) -> None:
    walk = Walk()
    walk.goes([(used, stalled, looks) for used, stalled, looks in course if used < CRITICAL])
    rose_at = [n for n, (before, after) in enumerate(pairwise(walk.rungs)) if after > before]
    assert all(walk.rungs[n + 1] - walk.rungs[n] == 1 for n in rose_at)
    assert all((later - sooner) * PERIOD_S >= TIMES.up_s for sooner, later in pairwise(rose_at))


@settings(deadline=None, max_examples=60)
@given(COURSES, st.floats(0.0, HIGH - HYSTERESIS, exclude_max=True))
def test_it_ends_on_the_ground_when_little_stays_used(
    course: Sequence[tuple[float, float | None, int]], used: float
) -> None:
    walk = Walk()
    walk.goes(course)
    looks = int(TOP * TIMES.down_s / PERIOD_S) + 1
    assert walk.go(used, looks)[-1] == 0


@settings(deadline=None, max_examples=60)
@given(COURSES)
def test_it_reaches_the_top_when_all_stays_used(course: Sequence[tuple[float, float | None, int]]) -> None:
    walk = Walk()
    walk.goes(course)
    assert walk.go(1.0)[-1] >= PAUSE_CLAIMING
    assert walk.go(1.0, int(TIMES.top_s / PERIOD_S))[-1] == TOP
    assert set(walk.go(1.0, 100)) == {TOP}


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(HEIGHTS),
    st.floats(0.0, HYSTERESIS, exclude_max=True),
    st.lists(st.tuples(st.floats(0.0, HYSTERESIS - 1e-9) | st.just(HYSTERESIS - 1e-9), st.integers(1, 6)), max_size=40),
    st.floats(0.0, 1.0),
)
def test_noise_smaller_than_the_hysteresis_moves_it_one_way_at_most(
    height: float, below: float, noise: Sequence[tuple[float, int]], before: float
) -> None:
    walk = Walk(replace(TIMES, without_relief_s=inf))
    walk.go(before, 20)
    begun = len(walk.rungs) - 1
    for each, looks in noise:
        walk.go(height - below + each, looks)
    moves = {after > before for before, after in pairwise(walk.rungs[begun:]) if after != before}
    assert len(moves) <= 1


@pytest.mark.parametrize("rung", range(2, TOP))
def test_no_rung_that_holds_work_back_is_stood_on_for_good(rung: int) -> None:
    walk = Walk()
    walk.go(HEIGHTS[rung - 1], 10)
    assert walk.rungs[-1] == rung
    just_held = HEIGHTS[rung - 1] - HYSTERESIS
    assert set(walk.go(just_held, int(TIMES.without_relief_s / PERIOD_S) - 10)) == {rung}
    assert walk.go(just_held, EVER // 10)[-1] > rung


def test_small_caches_cost_little_and_may_stay_so() -> None:
    walk = Walk()
    assert set(walk.go(HIGH, EVER)[1:]) == {1}


@settings(deadline=None, max_examples=60)
@given(st.floats(0.0, CRITICAL, exclude_max=True))
def test_memory_that_is_hard_to_get_raises_it_by_a_rung_until_it_is_not_any_more(used: float) -> None:
    walk, calm = Walk(), Walk()
    calm.go(used, 20)
    walk.go(used, 20, STALLED_PERCENT)
    assert walk.rungs[-1] == min(calm.rungs[-1] + 1, PAUSE_CLAIMING)
    walk.go(used, 20, STALLED_PERCENT - 1)
    assert walk.rungs[-1] == min(calm.rungs[-1] + 1, PAUSE_CLAIMING)
    walk.go(used, 20, 0.0)
    assert walk.rungs[-1] == calm.rungs[-1]


def test_memory_that_is_hard_to_get_never_ends_the_process_by_itself() -> None:
    walk = Walk()
    assert max(walk.go(0.3, EVER, 100.0)) == 1
