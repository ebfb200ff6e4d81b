"""Budgets out of a limit."""

from hypothesis import given
from hypothesis import strategies as st

from engine.memory.budget import LEAST_BYTES, budget_of

MEBIBYTE = 1024 * 1024
BYTES = st.integers(0, 1 << 40)


def test_of_half_a_gibibyte_most_goes_to_what_is_in_flight() -> None:
    budget = budget_of(limit_bytes=512 * MEBIBYTE, high=0.7, base_bytes=100 * MEBIBYTE)
    parts = (budget.fetches_bytes, budget.intake_bytes, budget.caches_bytes)
    assert [part // MEBIBYTE for part in parts] == [90, 64, 38]


@given(limit=BYTES, base=BYTES, high=st.floats(0.1, 0.99), told=st.none() | BYTES)
def test_all_together_with_the_base_stay_below_where_the_ladder_begins(
    limit: int, base: int, high: float, told: int | None
) -> None:
    budget = budget_of(limit_bytes=limit, high=high, base_bytes=base, fetches_bytes=told)
    left = max(int(limit * high) - base, 0)
    whole = budget.fetches_bytes + budget.intake_bytes + budget.caches_bytes
    assert whole <= max(left, told or 0) + 2 * LEAST_BYTES
    assert budget.intake_bytes >= LEAST_BYTES
    assert budget.caches_bytes >= 0
    assert budget.fetches_bytes == told if told is not None else budget.fetches_bytes >= LEAST_BYTES
