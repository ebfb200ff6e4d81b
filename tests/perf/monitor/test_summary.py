"""The spread of each figure."""

from statistics import mean

from hypothesis import given
from hypothesis import strategies as st

from perf.monitor.sight import Sight
from perf.monitor.summary import Summary


def a_sight(gap: str = "", **figures: float) -> Sight:
    return Sight(at=1.0, figures=figures, gap=gap)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50))
def test_least_mean_p95_and_most_are_those_of_all_values(values: list[int]) -> None:
    summary = Summary()
    for value in values:
        summary.add(a_sight(queue=value))
    spread = summary.spreads()["queue"]
    assert (spread.least, spread.most, spread.samples) == (min(values), max(values), len(values))
    assert abs(spread.mean - mean(values)) < 1e-6
    assert (
        sum(value > spread.p95 for value in values)
        <= 0.05 * len(values)
        <= sum(value >= spread.p95 for value in values)
    )


def test_gaps_count_and_are_in_no_figure() -> None:
    summary = Summary()
    for seen in (a_sight(queue=3.0), a_sight("refused"), a_sight(queue=5.0)):
        summary.add(seen)
    assert (summary.samples, summary.gaps, summary.spreads()["queue"].least) == (3, 1, 3.0)


def test_figures_come_in_their_order_and_mailboxes_behind() -> None:
    summary = Summary()
    summary.add(Sight(at=1.0, figures={"mailbox b": 1.0, "queue": 1.0, "mailbox a": 1.0, "pages_per_s": 1.0}, gap=""))
    assert list(summary.spreads()) == ["pages_per_s", "queue", "mailbox a", "mailbox b"]
