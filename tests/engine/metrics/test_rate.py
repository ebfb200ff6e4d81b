import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.metrics.rate import WINDOW_S, Rate
from tests.engine.metrics.panel import Clock

STEPS = st.lists(st.tuples(st.floats(0, 150), st.integers(0, 50)), min_size=1, max_size=40)


def rate_of(events: list[tuple[int, int]], now: float) -> float:
    """What the ring counts, counted without one: (second, count) of all time."""
    seen = [(second, count) for second, count in events if second > int(now) - WINDOW_S and count]
    first = min((second for second, _ in seen), default=int(now))
    return sum(count for _, count in seen) / max(now - first, 1.0)


@given(steps=STEPS, looks=st.sets(st.integers(0, 39)))
def test_it_is_the_events_of_the_last_minute_over_the_time_they_took(
    steps: list[tuple[float, int]], looks: set[int]
) -> None:
    clock, events = Clock(), [(1000, 1)]
    rate = Rate(clock=clock)
    rate.add()
    for step, (pause_s, count) in enumerate(steps):
        clock.now += pause_s
        rate.add(count)
        events.append((int(clock.now), count))
        if step in looks:
            assert rate.per_second() == pytest.approx(rate_of(events, clock.now))
    assert rate.per_second() == pytest.approx(rate_of(events, clock.now))


def test_it_is_unknown_before_the_first_event_and_nothing_long_after_the_last() -> None:
    clock = Clock()
    rate = Rate(clock=clock)
    rate.add(0)
    assert rate.per_second() is None
    rate.add(30)
    assert rate.per_second() == 30.0
    clock.now += 10
    assert rate.per_second() == 3.0
    clock.now += WINDOW_S
    assert rate.per_second() == 0.0
