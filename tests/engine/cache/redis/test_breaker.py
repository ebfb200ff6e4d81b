from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.cache.redis.breaker import CALM_S, CAP_S, FIRST_S, Breaker
from engine.cache.redis.level import READ_WITHIN_S, WRITE_WITHIN_S

draws = st.floats(0, 1, exclude_max=True)
spans = st.floats(0, 100)


class Watched(RuleBasedStateMachine):
    """Beside the breaker, what is expected of it: when it may be probed, and how long the next pause may be."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = Breaker()

    @rule(span=spans)
    def time_passes(self, span: float) -> None:
        self.now += span

    @precondition(lambda self: self.breaker.is_closed)
    @rule(draw=draws)
    def a_call_fails(self, draw: float) -> None:
        before, self.breaker = self.breaker, self.breaker.failed(self.now, draw)
        is_calm = self.now - before.closed_at >= CALM_S
        self.pauses(FIRST_S if is_calm else min(CAP_S, max(FIRST_S, 2 * before.step_s)))

    @precondition(lambda self: not self.breaker.is_closed)
    @rule(draw=draws)
    def a_call_that_was_on_its_way_fails(self, draw: float) -> None:
        assert self.breaker.failed(self.now, draw) == self.breaker

    @precondition(lambda self: self.breaker.is_due(self.now))
    @rule(draw=draws)
    def a_probe_fails(self, draw: float) -> None:
        before, self.breaker = self.breaker, self.breaker.probed(self.now, draw, is_well=False)
        self.pauses(min(CAP_S, max(FIRST_S, 2 * before.step_s)))

    @precondition(lambda self: self.breaker.is_due(self.now))
    @rule(draw=draws)
    def a_probe_is_answered(self, draw: float) -> None:
        self.breaker = self.breaker.probed(self.now, draw, is_well=True)
        assert self.breaker.is_closed

    def pauses(self, step_s: float) -> None:
        assert not self.breaker.is_closed
        assert not self.breaker.is_due(self.now)
        assert not self.breaker.is_due(self.now + step_s / 2 - 1e-9)
        assert self.breaker.is_due(self.now + step_s)

    @invariant()
    def a_probe_is_never_far(self) -> None:
        assert self.breaker.is_closed or self.breaker.is_due(self.now + CAP_S)
        assert not (self.breaker.is_closed and self.breaker.is_due(self.now))


TestWatched = Watched.TestCase


def test_one_that_was_never_seen_well_is_probed_at_once() -> None:
    assert not Breaker().is_closed
    assert Breaker().is_due(0.0)


@given(draw=draws)
def test_no_call_is_on_its_way_any_more_when_a_probe_is_made(draw: float) -> None:
    well = Breaker().probed(0.0, draw, is_well=True)
    assert not well.failed(50.0, draw).is_due(50.0 + max(READ_WITHIN_S, WRITE_WITHIN_S) - 1e-9)
