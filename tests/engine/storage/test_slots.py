"""The journal's bytes: what was noted is read, and nothing else is believed."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.storage.slots import EMPTY, LONGEST_ID, SLOT_BYTES, Begun, Left, head, left, slot

BOOT = b"2b1c0d5e-0000-4000-8000-000000000000"


@given(
    job_id=st.text(st.characters(codec="ascii"), min_size=1, max_size=LONGEST_ID),
    fence=st.integers(0, 2**63),
    alone=st.booleans(),
)
def test_what_was_noted_is_read(job_id: str, fence: int, *, alone: bool) -> None:
    journal = head(BOOT) + EMPTY + slot(job_id, fence, alone=alone)
    assert left(journal, BOOT) == Left(begun=(Begun(job_id=job_id, fence=fence, alone=alone),))


def test_every_id_of_ours_fits_and_one_that_does_not_is_refused() -> None:
    assert len(slot(f"job_{uuid4()}", 1, alone=False)) == SLOT_BYTES
    with pytest.raises(ValueError, match="longer"):
        slot("x" * (LONGEST_ID + 1), 1, alone=False)


@given(cut=st.integers(1, SLOT_BYTES - 1))
def test_a_torn_slot_says_nothing_and_its_neighbours_are_read(cut: int) -> None:
    whole, other = slot(f"job_{uuid4()}", 7, alone=True), slot("job_2", 1, alone=False)
    torn = whole[:cut] + EMPTY[cut:]
    journal = head(BOOT) + (EMPTY if torn == whole else torn) + other
    assert left(journal, BOOT) == Left(begun=(Begun(job_id="job_2", fence=1, alone=False),))


@given(garbage=st.binary(max_size=5 * SLOT_BYTES))
def test_garbage_says_nothing(garbage: bytes) -> None:
    assert left(head(BOOT) + garbage, BOOT) == Left(begun=())
    assert left(garbage, BOOT) is None


def test_a_journal_of_an_earlier_run_of_the_machine_is_not_trusted() -> None:
    assert left(head(b"another"), BOOT) is None
    assert left(b"", BOOT) is None


@pytest.mark.parametrize(
    ("is_closed", "in_hand", "acquits"),
    [(False, [], True), (False, [False], True), (False, [True, False], False), (True, [], False)],
)
def test_who_died_with_no_suspect_alone_in_hand_acquits_and_who_ended_in_order_does_not(
    *, is_closed: bool, in_hand: list[bool], acquits: bool
) -> None:
    slots = [slot(f"job_{number}", 1, alone=alone) for number, alone in enumerate(in_hand)]
    found = left(head(BOOT, is_closed=is_closed) + b"".join(slots), BOOT)
    assert found is not None
    assert (found.is_closed, found.acquits) == (is_closed, acquits)
