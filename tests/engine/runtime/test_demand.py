"""How fast something is asked for: right from the second look on, and about as it was over the last second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime import Demand


def rates(looks: list[tuple[float, int]]) -> list[float]:
    """As of each look: so many seconds after the one before, and so many asked for meanwhile."""
    demand, asked, at, seen = Demand(), 0, 0.0, []
    for seconds, more in looks:
        asked, at = asked + more, at + seconds
        seen.append(demand.per_second(asked, at))
    return seen


def test_what_was_asked_for_before_the_first_look_counts_for_nothing() -> None:
    assert rates([(0.0, 64), (0.0, 0), (0.004, 2)]) == [0, 0, pytest.approx(500)]


@given(st.lists(st.floats(0.001, 20), min_size=1), st.integers(1, 10_000))
def test_a_steady_demand_is_seen_as_it_is_however_often_one_looks(gaps: list[float], per_second: int) -> None:
    asked = [round(gap * per_second) / per_second for gap in gaps]
    seen = rates([(0.0, 0), *((gap, round(gap * per_second)) for gap in asked if gap)])
    assert seen[1:] == pytest.approx([per_second] * (len(seen) - 1))


@given(st.integers(1, 50), st.integers(0, 10_000), st.integers(0, 10_000))
def test_what_was_before_is_forgotten_within_some_seconds(looks: int, before: int, since: int) -> None:
    seen = rates([(0.0, 0), (1.0, before), *[(5 / looks, since)] * looks])
    assert seen[-1] == pytest.approx(since * looks / 5, abs=before / 100 + since * looks / 400)
