from math import inf, isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perf.interval import interval, interval_between, t_quantile

RATIOS = st.lists(st.floats(0.2, 5.0), min_size=2, max_size=30)


@pytest.mark.parametrize(
    ("sureness", "freedom", "tabled"),
    [(0.95, 1, 12.706), (0.95, 2, 4.303), (0.95, 10, 2.228), (0.98, 5, 3.365), (0.99, 30, 2.750), (0.95, 1e6, 1.972)],
)
def test_t_is_as_it_is_in_tables(sureness: float, freedom: float, tabled: float) -> None:
    assert t_quantile(sureness, freedom) == pytest.approx(tabled, abs=1e-3)


@settings(deadline=None, max_examples=50)
@given(RATIOS)
def test_an_interval_of_pairs_holds_their_mean_and_turns_over_with_the_sides(ratios: list[float]) -> None:
    found, turned = interval(ratios), interval([1 / ratio for ratio in ratios])
    assert found.low <= found.ratio <= found.high
    assert isclose(found.low * turned.high, 1, rel_tol=1e-6)


@settings(deadline=None, max_examples=50)
@given(RATIOS, st.floats(0.5, 2.0))
def test_what_became_so_much_faster_is_found_so_much_faster(ratios: list[float], factor: float) -> None:
    found = interval_between(ratios, [ratio * factor for ratio in ratios])
    assert isclose(found.ratio, factor, rel_tol=1e-6)
    assert found.low <= found.ratio <= found.high


def test_a_single_pair_tells_nothing_of_what_else_may_be() -> None:
    assert (interval([0.5]).low, interval([0.5]).high) == (0.0, inf)
    assert interval_between([1.0], [0.9, 0.9]).low == 0.0
