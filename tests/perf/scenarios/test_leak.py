"""How fast a daemon rises that does not leak, from what was looked at; the daemons themselves are asked by command."""

from hypothesis import given
from hypothesis import strategies as st

from perf.scenarios.leak import Seen

MIB = 2**20


@given(
    rises=st.floats(0.0, 50.0),
    warm_mib=st.floats(0.0, 100.0),
    flights=st.lists(st.integers(0, 4), min_size=60, max_size=60),
)
def test_the_slope_is_of_the_second_half_and_of_what_is_held_without_pages_in_flight(
    rises: float, warm_mib: float, flights: list[int]
) -> None:
    seen = Seen()
    for second in range(0, 3600, 10):
        warmth = warm_mib * MIB * min(second, 1500) / 1500
        in_flight = flights[second // 60] * MIB if second % 60 else 0
        seen.rss.append((float(second), 70 * MIB + warmth + rises * 1e6 * second / 3600 + in_flight))
    found = seen.rises_mb_per_hour()
    assert found is not None
    assert found.low - 1e-6 <= rises <= found.high + 1e-6
    assert abs(found.slope - rises) < 1e-6


def test_a_short_run_tells_no_slope() -> None:
    assert Seen(rss=[(float(second), 70e6) for second in range(300)]).rises_mb_per_hour() is None
