"""A robust slope and its bounds."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.memory.trend import trend

SLOPES = st.floats(-100, 100)


@given(slope=SLOPES, start=st.floats(-1000, 1000), count=st.integers(4, 40))
def test_of_a_line_it_is_the_slope_for_certain(slope: float, start: float, count: int) -> None:
    found = trend([(float(n), start + slope * n) for n in range(count)])
    assert (found.low, found.slope, found.high) == pytest.approx((slope, slope, slope), abs=1e-6)


@given(heights=st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=40))
def test_the_slope_is_within_its_bounds(heights: list[float]) -> None:
    found = trend([(float(n), height) for n, height in enumerate(heights)])
    assert found.low <= found.slope <= found.high


@given(slope=SLOPES, spikes=st.sets(st.integers(0, 39), max_size=4))
def test_a_few_that_are_far_off_move_it_little(slope: float, spikes: set[int]) -> None:
    found = trend([(float(n), slope * n + 1e6 * (n in spikes)) for n in range(40)])
    assert found.slope == pytest.approx(slope, abs=1e-3)


def test_its_bounds_hold_nineteen_times_of_twenty() -> None:
    random = Random(7)
    noisy = [trend([(float(n), 2.0 * n + random.gauss(0, 5)) for n in range(36)]) for _ in range(400)]
    assert sum(each.low <= 2.0 <= each.high for each in noisy) >= 0.93 * len(noisy)
