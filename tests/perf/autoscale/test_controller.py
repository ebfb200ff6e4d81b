"""Days of a deployment in milliseconds."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from perf.autoscale.controller import Controller, Decision
from perf.autoscale.manifest import DOWN, UP, Policy, Rules, Scaler, Select
from perf.autoscale.recommendation import by_value
from tests.perf.autoscale.manifests import a_scaler, percent, pods, rules

POLICIES = st.builds(
    Policy, value=st.integers(1, 100), period_s=st.sampled_from([15.0, 30.0, 60.0]), is_percent=st.booleans()
)
RULES = st.builds(
    Rules,
    window_s=st.sampled_from([0.0, 15.0, 60.0, 300.0]),
    select=st.sampled_from(Select),
    policies=st.lists(POLICIES, min_size=1, max_size=3).map(tuple),
)
SCALERS = st.builds(a_scaler, least=st.integers(1, 5), most=st.integers(5, 40), up=RULES, down=RULES)
ASKED = st.lists(st.none() | st.integers(0, 60), min_size=1, max_size=25)


class Day:
    """A deployment whose replicas are what was decided last, looked at each 15 s."""

    def __init__(self, scaler: Scaler, replicas: int, *, every_s: float = 15.0) -> None:
        self.controller = Controller(scaler=scaler)
        self.replicas = replicas
        self.now_s = 0.0
        self.every_s = every_s
        self.decisions: list[Decision] = []

    def goes(self, *asked: int | None) -> list[int]:
        return [self._sync(each) for each in asked]

    def _sync(self, asked: int | None) -> int:
        decision = self.controller.decide([asked], current=self.replicas, now_s=self.now_s)
        self.decisions.append(decision)
        self.now_s += self.every_s
        self.replicas = decision.replicas
        return self.replicas


def test_ten_percent_or_four_pods_a_minute_down_from_eighty() -> None:
    day = Day(a_scaler(most=100, down=rules(pods(4, 60), percent(10, 60))), 80, every_s=60.0)
    went = day.goes(*[10] * 12)
    assert went[:5] == [72, 64, 57, 51, 45]
    assert went[5:] == [40, 36, 32, 28, 24, 20, 16]


def test_the_least_of_the_policies_where_that_is_selected() -> None:
    down = rules(percent(50, 60), pods(2, 60), select=Select.MIN)
    day = Day(a_scaler(down=down), 8, every_s=60.0)
    assert day.goes(*[1] * 5) == [6, 4, 2, 1, 1]


def test_up_by_the_larger_of_doubling_and_four() -> None:
    day = Day(a_scaler(most=40, up=rules(percent(100, 30), pods(4, 30))), 1)
    assert day.goes(*[40] * 8) == [5, 5, 10, 10, 20, 20, 40, 40]


def test_what_came_within_the_period_counts_against_it() -> None:
    day = Day(a_scaler(most=40, up=rules(pods(4, 60))), 1)
    assert day.goes(2, 3, 40, 40, 40, 40) == [2, 3, 5, 5, 6, 7]


def test_a_disabled_direction_is_not_gone() -> None:
    day = Day(a_scaler(down=rules(percent(100, 15), select=Select.DISABLED)), 5)
    assert day.goes(1, 7, 2) == [5, 7, 7]


def test_down_only_to_the_most_of_the_window() -> None:
    day = Day(a_scaler(down=rules(percent(100, 15), window_s=60)), 8)
    assert day.goes(8, 3, 5, 2, 2, 2, 2, 2) == [8, 8, 8, 8, 5, 5, 2, 2]


def test_up_only_to_the_least_of_the_window() -> None:
    day = Day(a_scaler(up=rules(percent(900, 15), window_s=30)), 1)
    assert day.goes(1, 5, 7, 6) == [1, 1, 5, 6]


def test_by_default_up_at_once_and_down_after_five_minutes() -> None:
    day = Day(a_scaler(up=UP, down=DOWN), 1)
    assert day.goes(8, 8) == [5, 8]
    assert day.goes(*[1] * 20) == [*[8] * 19, 1]


def test_an_unknown_metric_changes_nothing_and_is_not_remembered() -> None:
    day = Day(a_scaler(down=rules(percent(100, 15), window_s=30)), 5)
    assert day.goes(5, None, None, 2) == [5, 5, 5, 2]


def test_bounds_are_kept_at_once_and_nothing_is_raised_from_nothing() -> None:
    assert Day(a_scaler(least=2, most=4), 9).goes(9) == [4]
    assert Day(a_scaler(least=2, most=4), 1).goes(1) == [2]
    assert Day(a_scaler(least=2, most=4), 0).goes(4) == [0]


@given(scaler=SCALERS, asked=ASKED, start=st.integers(1, 40))
def test_never_out_of_bounds_and_never_further_than_a_policy_allows_in_its_period(
    scaler: Scaler, asked: list[int | None], start: int
) -> None:
    replicas = min(max(start, scaler.least), scaler.most)
    day = Day(scaler, replicas)
    went = [replicas, *day.goes(*asked)]
    assert all(scaler.least <= each <= scaler.most for each in went)
    for place in range(1, len(went)):
        rules = scaler.up if went[place] > went[place - 1] else scaler.down
        if went[place] != went[place - 1]:
            assert _is_allowed(went[: place + 1], rules)


def _is_allowed(went: Sequence[int], rules: Rules) -> bool:
    """From what there was at the start of its period, by each policy where the least counts, else by one."""
    within = [_is_within(went, policy) for policy in rules.policies]
    return (all if rules.select is Select.MIN else any)(within) and rules.select is not Select.DISABLED


def _is_within(went: Sequence[int], policy: Policy) -> bool:
    """The last of them, by a policy whose period is a number of syncs."""
    start = went[max(len(went) - 1 - int(policy.period_s // 15), 0)]
    moved = (went[-1] - start) * (1 if went[-1] > went[-2] else -1)
    return moved < start * policy.value / 100 + 1 if policy.is_percent else moved <= policy.value


@given(scaler=SCALERS, work=st.integers(0, 3000), start=st.integers(1, 40))
def test_a_constant_load_is_never_answered_by_going_both_ways(scaler: Scaler, work: int, start: int) -> None:
    day = Day(scaler, min(max(start, scaler.least), scaler.most))
    for _ in range(25):
        value = work / day.replicas
        day.goes(by_value(value, target=60, current=day.replicas, ready=day.replicas))
    steps = [each.replicas - each.current for each in day.decisions if each.replicas != each.current]
    assert all(step > 0 for step in steps) or all(step < 0 for step in steps)
