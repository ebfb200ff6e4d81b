"""The last hour: bounded, and nothing of it that is older."""

from engine.memory.history import EVERY_S, MOST_ACTIONS, SPAN_S, Action, History, Sample


def a_sample(at: float, used: int = 1, limit: int = 100) -> Sample:
    return Sample(at=at, used_bytes=used, limit_bytes=limit, level=0)


def an_action(at: float) -> Action:
    return Action(at=at, name="trim", is_undone=False, level=0, used_bytes=1, limit_bytes=100, stalled_percent=None)


def test_of_some_seconds_the_fullest_moment_is_kept() -> None:
    history = History()
    for at, used in ((0.0, 5), (1.0, 9), (EVERY_S - 0.1, 7), (EVERY_S, 6)):
        history.saw(a_sample(at, used))
    history.saw(a_sample(EVERY_S + 1, used=6, limit=50))
    kept = history.samples(EVERY_S + 1)
    assert [(each.at, each.used_bytes, each.limit_bytes) for each in kept] == [(0.0, 9, 100), (EVERY_S, 6, 50)]


def test_a_day_leaves_the_samples_of_its_last_hour() -> None:
    history, day_s = History(), 24 * 3600
    for second in range(day_s):
        history.saw(a_sample(float(second)))
    kept = history.samples(day_s)
    assert (kept[0].at, kept[-1].at) == (day_s - SPAN_S + EVERY_S, day_s - EVERY_S)


def test_what_was_done_is_forgotten_after_an_hour_and_bounded_before() -> None:
    history = History()
    for second in range(MOST_ACTIONS + 10):
        history.did(an_action(float(second)))
    assert [each.at for each in history.actions(1000.0)] == [float(n) for n in range(10, MOST_ACTIONS + 10)]
    assert [each.at for each in history.actions(SPAN_S + MOST_ACTIONS)] == [
        float(n) for n in range(MOST_ACTIONS + 1, MOST_ACTIONS + 10)
    ]


def test_a_clock_that_jumps_back_loses_nothing() -> None:
    history = History()
    history.saw(a_sample(1000.0))
    history.saw(a_sample(500.0, used=3))
    assert [each.at for each in history.samples(1000.0)] == [1000.0, 500.0]
