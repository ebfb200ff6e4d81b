from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime import RestartPolicy

WINDOW_S, FIRST_S, CAP_S, CALM_S = 60.0, 0.5, 30.0, 40.0
draws = st.floats(0, 1, exclude_max=True)
ages = st.lists(st.floats(0, 200), max_size=12)


def a_policy(max_restarts: int = 1000) -> RestartPolicy:
    return RestartPolicy(
        max_restarts=max_restarts, window_s=WINDOW_S, backoff_first_s=FIRST_S, backoff_cap_s=CAP_S, calm_s=CALM_S
    )


@given(ages=ages, draw=draws, most=st.integers(0, 12))
def test_it_gives_up_exactly_when_the_window_has_seen_the_most_it_allows(
    ages: list[float], draw: float, most: int
) -> None:
    now = 1000.0
    recent = sum(now - (now - age) < WINDOW_S for age in ages)
    delay = a_policy(most).delay([now - age for age in ages], now=now, draw=draw)
    assert (delay is None) == (recent >= most)


@given(crashes=st.integers(0, 500), draw=draws)
def test_a_delay_doubles_with_each_crash_up_to_the_cap_and_jitters_over_its_upper_half(
    crashes: int, draw: float
) -> None:
    step = min(CAP_S, FIRST_S * 2.0**crashes)
    delay = a_policy().delay([0.0] * crashes, now=1.0, draw=draw)
    assert delay is not None
    assert step / 2 <= delay <= step


@given(ages=st.lists(st.floats(0, WINDOW_S), max_size=12), calm_s=st.floats(CALM_S, 1e6), draw=draws)
def test_after_a_calm_the_first_delay_comes_again(ages: list[float], calm_s: float, draw: float) -> None:
    policy, crashes = a_policy(), sorted(-calm_s - age for age in ages)
    assert policy.delay(crashes, now=0.0, draw=draw) == policy.delay([], now=0.0, draw=draw)


@given(gaps=st.lists(st.floats(0, CALM_S, exclude_max=True), max_size=12), calm_s=st.floats(CALM_S, 1e6), draw=draws)
def test_crashes_before_a_calm_do_not_make_those_after_it_wait(gaps: list[float], calm_s: float, draw: float) -> None:
    times = [0.0, *accumulate(gaps)]
    before = [-calm_s - 1.0, -calm_s]
    policy = a_policy()
    delays = [policy.delay([*earlier, *times[:-1]], now=times[-1], draw=draw) for earlier in ([], before)]
    assert delays[0] == delays[1]


@pytest.mark.parametrize(
    "wrong", [{"max_restarts": -1}, {"window_s": 0}, {"backoff_first_s": 2}, {"backoff_first_s": -1}, {"calm_s": 1}]
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    right = {"max_restarts": 1, "window_s": 1, "backoff_first_s": 1, "backoff_cap_s": 1, "calm_s": 2}
    with pytest.raises(ValueError, match="must"):
        RestartPolicy(**{**right, **wrong})  # type: ignore[arg-type]  # integers where they are, by the parameters
