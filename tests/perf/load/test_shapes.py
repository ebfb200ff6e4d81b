"""How many users at which second, for any scenario as it may be asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf.load.shapes import ALL, SCENARIOS, Shape, Stage, shape_of

SHAPES = st.builds(
    shape_of,
    st.sampled_from(sorted(SCENARIOS)),
    users=st.integers(1, 1000),
    rate=st.floats(0.01, 1000),
    lasts_s=st.floats(1, 7200),
)


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("baseline", {0: 1, 3: 4, 10: 5, 119: 5, 120: None}),
        ("normal", {0: 1, 2: 11, 10: 20, 299: 20, 300: None}),
        ("step", {0: 1, 20: 10, 29.9: 10, 59: 20, 89: 30, 299: 100, 300: None}),
        ("spike", {59: 10, 61: 50, 119: 50, 121: 10, 179: 10, 182: 100, 239: 100, 242: 10, 300: None}),
        ("stress", {119: 20, 125: 71, 239: 100, 245: 49, 260: 20, 360: None}),
        ("soak", {0: 1, 3599: 20, 3600: None}),
    ],
)
def test_a_scenario_is_what_the_contract_says(name: str, seen: dict[float, int | None]) -> None:
    shape = shape_of(name)
    assert {second: shape.users_at(second) for second in seen} == seen


def test_all_runs_every_scenario_but_the_one_that_goes_on() -> None:
    assert set(SCENARIOS) - set(ALL) == {"soak"}


def test_the_stairs_stay_on_their_last_step_and_end_in_time() -> None:
    shape = shape_of("step", users=25, lasts_s=600)
    assert [shape.users_at(second) for second in (29, 59, 89, 599)] == [10, 20, 25, 25]
    assert shape_of("step", users=1000, lasts_s=45).users_at(44) == 20


def test_a_level_that_cannot_be_reached_in_time_is_left_from_where_it_was() -> None:
    shape = Shape(stages=(Stage(users=100, lasts_s=10), Stage(users=1, lasts_s=10)), rate=2)
    assert [shape.users_at(second) for second in (9.9, 10, 19.9)] == [20, 19, 1]


@given(shape=SHAPES, at=st.floats(0, 1), late=st.floats(0, 10))
def test_users_never_come_faster_than_told_nor_go_past_the_highest_level(shape: Shape, at: float, late: float) -> None:
    early_s = at * shape.lasts_s
    before, after = shape.users_at(early_s), shape.users_at(early_s + late)
    most = max(stage.users for stage in shape.stages)
    if before is None or after is None:
        assert early_s + late >= shape.lasts_s * (1 - 1e-9)
        return
    assert 1 <= before <= most
    changes = sum(1 for stage in shape.stages if stage.lasts_s <= late) + 3  # one each stage comes at once
    assert abs(after - before) <= late * shape.rate + changes + len(shape.stages)
