"""How fast a fleet is, and how long it would take."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.backlog import Backlog, Worker, rate_of

RATES = st.floats(0.0, 1000.0)
WORKERS = st.lists(
    st.builds(
        Worker,
        owner=st.just("me"),
        slots=st.integers(1, 1024),
        per_second=RATES,
        per_slot=st.none() | st.floats(0.001, 1000.0),
    ),
    max_size=5,
)


def a_worker(*, slots: int = 10, per_second: float = 0.0, per_slot: float | None = None) -> Worker:
    return Worker(owner="me", slots=slots, per_second=per_second, per_slot=per_slot)


@pytest.mark.parametrize(
    ("backlog", "seconds"),
    [
        (Backlog(eligible=0, per_second=None), 0.0),
        (Backlog(eligible=1, per_second=None), None),
        (Backlog(eligible=1, per_second=0.0), inf),
        (Backlog(eligible=90, per_second=30.0), 3.0),
    ],
)
def test_a_backlog_in_seconds(backlog: Backlog, seconds: float | None) -> None:
    assert backlog.seconds == seconds


def test_a_fleet_at_rest_is_as_fast_as_it_could_be() -> None:
    idle = [a_worker(per_slot=2.0), a_worker(per_slot=4.0)]
    assert rate_of(idle, last_per_slot=None) == 60


def test_who_never_settled_is_taken_for_the_mean_of_the_others_or_for_who_was_there_last() -> None:
    assert rate_of([a_worker(per_slot=2.0), a_worker()], last_per_slot=9.0) == 40
    assert rate_of([a_worker()], last_per_slot=9.0) == 90
    assert rate_of([a_worker()], last_per_slot=None) is None
    assert rate_of([], last_per_slot=9.0) == 0


@given(workers=WORKERS, last=st.none() | RATES)
def test_a_rate_is_never_below_what_is_settled_nor_made_less_by_one_more(
    workers: list[Worker], last: float | None
) -> None:
    rate = rate_of(workers, last_per_slot=last)
    assert (rate or 0.0) >= sum(worker.per_second for worker in workers)
    more = rate_of([*workers, a_worker()], last_per_slot=last)
    assert (more or 0.0) >= (rate or 0.0)
