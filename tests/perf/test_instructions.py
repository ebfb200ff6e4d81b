"""Where neither counter works there is nothing to test: the check says `skipped`."""

import shutil

import pytest

from perf.instructions import Counter, counter
from perf.process import ProcessError


@pytest.fixture(scope="module")
def by() -> Counter:
    found = counter() if shutil.which("awk") else None
    if found is None:
        pytest.skip("no instructions can be counted here")
    return found


def looped(by: Counter, rounds: int) -> int:
    return by.count(("awk", f"BEGIN {{ while (i < {rounds}) i++ }}"), within_s=25)


def test_a_loop_twice_as_long_takes_twice_the_instructions(by: Counter) -> None:
    none, once, twice = (looped(by, rounds) for rounds in (0, 20_000, 40_000))
    assert (twice - none) / (once - none) == pytest.approx(2, rel=0.05)


def test_what_fails_or_is_late_is_not_counted(by: Counter) -> None:
    with pytest.raises(ProcessError, match="could not be counted"):
        by.count(("false",))
    with pytest.raises(ProcessError, match="not done"):
        by.count(("sleep", "20"), within_s=0.1)
