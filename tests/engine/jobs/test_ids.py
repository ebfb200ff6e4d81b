"""Ids: UUIDv7, rising, never twice."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.ids import Ids


@given(st.lists(st.floats(0, 4e9), min_size=1, max_size=50), st.integers(0, 2**62 - 1))
def test_ids_rise_and_are_uuid7_whatever_the_clock_does(times: list[float], bits: int) -> None:
    ids = Ids(wall=iter(times).__next__, random_bits=lambda _: bits)
    made = [ids.job() for _ in times]
    assert made == sorted(set(made))
    parsed = [UUID(made_id.removeprefix("job_")) for made_id in made]
    assert {(uuid.version, uuid.variant) for uuid in parsed} == {(7, "specified in RFC 4122")}


def test_an_id_carries_its_time() -> None:
    ids = Ids(wall=lambda: 1_700_000_000.123, random_bits=lambda _: 0)
    assert UUID(ids.job().removeprefix("job_")).int >> 80 == 1_700_000_000_123
    assert ids.batch().startswith("batch_")
