"""What the stages of an attempt took, and of several together."""

from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.stages import BODY, DELAY, MAILBOX, PERSISTING, QUEUE, Stage, no_times, together
from engine.jobs.verdict import Completed, Settlement
from tests.engine.jobs.builders import a_lease, a_page

SPENT = st.lists(st.integers(0, 10**12), min_size=len(Stage), max_size=len(Stage)).map(tuple)


def test_an_attempt_is_what_lay_before_its_claim_what_the_fetch_took_and_the_way_between() -> None:
    times = no_times()
    times[BODY], times[PERSISTING] = 250_000.7, 1_000.0
    lease = a_lease(claimed_at=100.0, delay_us=7, queue_us=9)
    settlement = Settlement(lease=lease, outcome=a_page(times=times), verdict=Completed(), span=(100.5, 101.0))
    spent = settlement.spent(settled_at=101.25)
    assert spent is not None
    assert {place: took for place, took in enumerate(spent) if took} == {
        DELAY: 7,
        QUEUE: 9,
        MAILBOX: 500_000,
        BODY: 250_000,
        PERSISTING: 251_000,
    }


def test_nothing_is_told_of_what_nobody_measured() -> None:
    settlement = Settlement(lease=a_lease(), outcome=a_page(), verdict=Completed())
    assert settlement.spent(settled_at=101.0) is None


def test_the_same_settlement_can_be_counted_again() -> None:
    times = no_times()
    settlement = Settlement(lease=a_lease(), outcome=a_page(times=times), verdict=Completed(), span=(1.0, 2.0))
    assert settlement.spent(settled_at=3.0) == settlement.spent(settled_at=3.0)
    assert times == no_times()


@given(SPENT, SPENT, st.integers(0, len(Stage)))
def test_together_is_the_sum_however_few_stages_were_known_before(
    before: tuple[int, ...], last: tuple[int, ...], known: int
) -> None:
    total = together(before[:known], last)
    assert total == tuple(sum(pair) for pair in zip((*before[:known], *[0] * len(Stage)), last, strict=False))
