"""The store's clock: it follows the monotonic time, whatever the wall clock does, and never goes back."""

from hypothesis import given
from hypothesis import strategies as st

from engine.storage.clock import StoreClock


@given(st.lists(st.tuples(st.floats(0, 5), st.none() | st.floats(0, 2000))))
def test_it_never_goes_back(steps: list[tuple[float, float | None]]) -> None:
    passed = 0.0
    clock = StoreClock(wall=lambda: 1000.0 - 7 * passed, monotonic=lambda: passed)
    before = clock.now()
    for seconds, latest in steps:
        passed += seconds
        if latest is not None:
            clock.never_behind(latest)
            assert clock.now() >= latest - 1e-9
        assert clock.now() >= before
        before = clock.now()
