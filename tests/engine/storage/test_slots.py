"""The journal's bytes: what was noted is read, and nothing else is believed."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.storage.slots import EMPTY, LONGEST_ID, SLOT_BYTES, Begun, begun, head, slot

BOOT = b"2b1c0d5e-0000-4000-8000-000000000000"


@given(
    job_id=st.text(st.characters(codec="ascii"), min_size=1, max_size=LONGEST_ID),
    fence=st.integers(0, 2**63),
    alone=st.booleans(),
)
def test_what_was_noted_is_read(job_id: str, fence: int, *, alone: bool) -> None:
    journal = head(BOOT) + EMPTY + slot(job_id, fence, alone=alone)
    assert begun(journal, BOOT) == (Begun(job_id=job_id, fence=fence, alone=alone),)


def test_every_id_of_ours_fits_and_one_that_does_not_is_refused() -> None:
    assert len(slot(f"job_{uuid4()}", 1, alone=False)) == SLOT_BYTES
    with pytest.raises(ValueError, match="longer"):
        slot("x" * (LONGEST_ID + 1), 1, alone=False)


@given(cut=st.integers(1, SLOT_BYTES - 1))
def test_a_torn_slot_says_nothing_and_its_neighbours_are_read(cut: int) -> None:
    whole, other = slot(f"job_{uuid4()}", 7, alone=True), slot("job_2", 1, alone=False)
    torn = whole[:cut] + EMPTY[cut:]
    journal = head(BOOT) + (EMPTY if torn == whole else torn) + other
    assert begun(journal, BOOT) == (Begun(job_id="job_2", fence=1, alone=False),)


@given(garbage=st.binary(max_size=5 * SLOT_BYTES))
def test_garbage_says_nothing(garbage: bytes) -> None:
    assert begun(head(BOOT) + garbage, BOOT) == ()
    assert begun(garbage, BOOT) is None


def test_a_journal_of_an_earlier_run_of_the_machine_is_not_trusted() -> None:
    assert begun(head(b"another"), BOOT) is None
    assert begun(b"", BOOT) is None
