"""What deaths mean: how far they count, and when a suspect comes again."""

import pytest

from engine.jobs.losses import (
    POISON_AFTER,
    PUT_OFF_S,
    STEP_S,
    SUSPECT_AFTER,
    SUSPECTS_AT_ONCE,
    after_loss,
    counts_at_end,
    is_poison,
    is_suspect,
    lined_up,
    put_off_s,
)


def test_a_suspect_waits_twice_as_long_with_each_death_and_a_step_for_each_before_it() -> None:
    assert [put_off_s(SUSPECT_AFTER + deaths) for deaths in range(3)] == [PUT_OFF_S, 2 * PUT_OFF_S, 4 * PUT_OFF_S]
    assert put_off_s(SUSPECT_AFTER, before=3) == PUT_OFF_S + 3 * STEP_S


def test_after_a_start_suspects_come_one_by_one_and_none_at_once() -> None:
    due = list(lined_up([50.0, 60.0, 102.3, 110.0], now=100.0))
    assert due == [100.0 + PUT_OFF_S, 100.0 + PUT_OFF_S + STEP_S, 100.0 + PUT_OFF_S + 2 * STEP_S, 110.0]


@pytest.mark.parametrize(("alone", "most"), [(False, SUSPECT_AFTER), (True, POISON_AFTER)])
def test_losses_count_as_far_as_they_are_held_against_a_job(*, alone: bool, most: int) -> None:
    assert after_loss(0, alone=alone) == 1
    assert after_loss(most, alone=alone) == most
    assert after_loss(SUSPECT_AFTER + 1, alone=False) == SUSPECT_AFTER + 1
    assert (is_suspect(most), is_poison(most)) == (True, alone)


@pytest.mark.parametrize("alone", [False, True])
def test_the_end_of_a_lease_counts_against_a_suspect_only_if_it_was_fetched_alone(*, alone: bool) -> None:
    for losses in range(SUSPECT_AFTER, POISON_AFTER):
        assert counts_at_end(losses, alone=alone, suspects=SUSPECTS_AT_ONCE) is alone


def test_few_come_to_be_suspects_by_one_end_and_a_first_loss_counts_for_all() -> None:
    last = SUSPECT_AFTER - 1
    assert counts_at_end(last, alone=False, suspects=SUSPECTS_AT_ONCE - 1)
    assert not counts_at_end(last, alone=False, suspects=SUSPECTS_AT_ONCE)
    assert counts_at_end(last - 1, alone=False, suspects=SUSPECTS_AT_ONCE)
