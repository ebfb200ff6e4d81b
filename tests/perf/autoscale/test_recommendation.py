"""The algorithm as it is documented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf.autoscale.recommendation import Share, by_average, by_pods, by_value, most_of, of_average, of_usage

VALUES = st.floats(0, 1000)
SHARES = st.lists(
    st.builds(of_average, st.none() | VALUES, target=st.just(100.0), is_ready=st.booleans()), min_size=1, max_size=20
)


def used(*percents: float | None, target: float = 50, ready: bool = True) -> list[Share]:
    """Of a request of 100 each."""
    return [of_usage(each, requested=100, percent=target, is_ready=ready) for each in percents]


@pytest.mark.parametrize(
    ("value", "current", "asked"),
    [(200, 2, 4), (50, 2, 1), (109, 10, 10), (91, 10, 10), (111, 10, 12), (89, 10, 9), (0, 5, 0), (None, 5, None)],
)
def test_twice_the_target_is_twice_the_replicas_and_what_is_near_it_is_no_reason(
    value: float | None, current: int, asked: int | None
) -> None:
    assert by_value(value, target=100, current=current, ready=current) == asked


def test_a_value_is_multiplied_by_those_that_are_ready() -> None:
    assert by_value(480, target=60, current=5, ready=1) == 8


@pytest.mark.parametrize(("value", "asked"), [(900, 9), (450, 5), (320, 3), (0, 0), (None, None)])
def test_an_average_divides_by_the_replicas_first(value: float | None, asked: int | None) -> None:
    assert by_average(value, target=100, current=3) == asked


def test_a_utilization_is_of_what_all_requested() -> None:
    assert by_pods(used(90, 90), current=2) == 4
    assert by_pods([*used(60), of_usage(60, requested=300, percent=50)], current=2) == 2
    assert by_pods(used(*[90] * 50, target=75), current=50) == 60


def test_a_pod_that_is_not_ready_is_taken_for_idle_before_more_are_asked_for() -> None:
    assert by_pods([*used(100, 100), *used(None, ready=False)], current=3) == 4
    assert by_pods([*used(100), *used(None, ready=False)], current=2) == 2


def test_a_pod_that_is_not_ready_does_not_count_before_fewer_are_asked_for() -> None:
    assert by_pods([*used(10, 10), *used(None, ready=False)], current=3) == 1


def test_a_silent_pod_is_taken_for_idle_on_the_way_up_and_for_all_it_requested_on_the_way_down() -> None:
    assert by_pods(used(100, 100, None), current=3) == 4
    assert by_pods(used(10, 10, 10, None), current=4) == 3
    assert by_pods(used(10, None), current=2) == 2


def test_a_metric_of_no_pod_cannot_be_had() -> None:
    assert by_pods(used(None, None), current=2) is None
    assert by_pods(used(80, ready=False), current=1) is None


@given(shares=SHARES)
def test_what_is_guessed_never_turns_the_direction(shares: list[Share]) -> None:
    told = [share for share in shares if share.is_ready and share.value is not None]
    asked = by_pods(shares, current=len(shares))
    if not told:
        assert asked is None
        return
    mean = sum(share.value or 0 for share in told) / len(told)
    assert asked is not None
    assert asked >= len(shares) if mean > 100 else asked <= len(shares)


@pytest.mark.parametrize(
    ("asked", "result"),
    [
        ([3, 7, 5], 7),
        ([3, None], None),
        ([7, None], 7),
        ([5, None], 5),
        ([None, None], None),
        ([2, 3], 3),
        ([], None),
    ],
)
def test_the_most_wins_and_what_is_unknown_keeps_replicas_from_going(
    asked: list[int | None], result: int | None
) -> None:
    assert most_of(asked, current=5) == result
