import pytest

from perf.check import chosen, counts_ruled
from perf.rulers.ruler import UNITS, ruler
from perf.verdict import Ruling


def test_more_instructions_by_more_than_a_twentieth_are_a_regression() -> None:
    before = {"hop": 1000.0, "ask": 1000.0, "gone": 1.0}
    now = {"hop": 1060.0, "ask": 1040.0, "new": 1.0}
    assert dict(counts_ruled(before, now)) == {"hop": Ruling.REGRESSION, "ask": Ruling.FINE}


def test_some_benches_can_be_chosen_and_none_that_is_unknown() -> None:
    assert chosen("hop,submit") == ["hop", "submit"]
    with pytest.raises(SystemExit, match="speed"):
        chosen("hop,speed")


@pytest.mark.parametrize("name", UNITS)
def test_every_ruler_has_two_sides(name: str) -> None:
    assert callable(ruler(name).ours)
    assert callable(ruler(name).bare)
