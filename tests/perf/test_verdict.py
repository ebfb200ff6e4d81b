import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perf.interval import Interval, interval, interval_between
from perf.verdict import Ruling, Verdict, judged, ruled, worst

NOISE = st.floats(0.99, 1.01)
SOME = st.lists(NOISE, min_size=5, max_size=30)
WILD = st.lists(st.floats(0.1, 10.0), min_size=2, max_size=30)

# Of the working tree beside its own commit, with much else on the machine: hop, claim, settle, submit.
RECORDED = [
    [0.961, 0.995, 0.987, 0.964],
    [1.018, 1.005, 0.988, 1.012],
    [1.009, 1.005, 0.999, 1.0],
    [0.979, 0.996, 0.995, 0.981],
]


@settings(deadline=None, max_examples=50)
@given(WILD)
def test_the_same_beside_the_same_is_never_a_regression(ratios: list[float]) -> None:
    found = interval_between(ratios, ratios)
    assert ruled(found) is not Ruling.REGRESSION
    assert judged(found) is Verdict.ALIKE


@pytest.mark.parametrize("ratios", RECORDED)
def test_recorded_pairs_of_a_tree_beside_itself_are_no_regression(ratios: list[float]) -> None:
    assert ruled(interval(ratios, sureness=0.98)) is not Ruling.REGRESSION


@settings(deadline=None, max_examples=50)
@given(SOME)
def test_a_tenth_slower_with_little_noise_is_always_a_regression(noise: list[float]) -> None:
    assert ruled(interval([0.9 * each for each in noise])) is Ruling.REGRESSION
    assert ruled(interval_between([0.3 * each for each in noise], [0.27 * each for each in noise])) is Ruling.REGRESSION
    assert judged(interval([0.9 * each for each in noise])) is Verdict.WORSE


@settings(deadline=None, max_examples=50)
@given(SOME)
def test_alike_with_little_noise_is_fine(noise: list[float]) -> None:
    assert ruled(interval(noise)) is Ruling.FINE


def test_what_lies_on_both_sides_of_the_bar_is_undecided() -> None:
    assert ruled(Interval(low=0.9, ratio=0.95, high=1.0)) is Ruling.UNDECIDED


@pytest.mark.parametrize(
    ("rulings", "code"),
    [
        ([Ruling.FINE], 0),
        ([Ruling.FINE, Ruling.UNDECIDED], 2),
        ([Ruling.UNDECIDED, Ruling.REGRESSION, Ruling.FINE], 1),
        ([], 2),
    ],
)
def test_one_regression_is_enough_and_nothing_is_fine_that_was_not_ruled(rulings: list[Ruling], code: int) -> None:
    assert worst(rulings).exit_code == code
