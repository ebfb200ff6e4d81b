"""The governor's rule in closed loop with a pool and a site in virtual time; and what holds whatever it is told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime import Figures, Governing
from engine.runtime.governor import CALM, CUTS
from tests.engine.runtime.pool import PERIOD_S, Pool, Site

LEAST, START, CEILING = 4, 64, 1024
COLD_S = 30.0
PAGE_S = 1 / 2000
LATENCIES = (0.001, 0.1, 2.0)


@dataclass(slots=True, kw_only=True)
class Loop:
    """A pool that is governed; remembers each fall and the widths since it was asked last."""

    pool: Pool
    rule: Governing = field(default_factory=lambda: Governing(least=LEAST, start=START, ceiling=CEILING))
    falls: list[tuple[float, str]] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    is_shut: bool = False
    """Is none let begin for some of each period?"""

    def run(self, seconds: float) -> float:
        """Pages a second meanwhile."""
        before = self.pool.ended
        self.widths.clear()
        for _ in range(int(seconds / PERIOD_S)):
            figures = self.pool.run(PERIOD_S, self.rule.width)
            why = self.rule.judge(replace(figures, is_shut=self.is_shut))
            self.widths.append(self.rule.width)
            if why is not None:
                self.falls.append((self.pool.now, why))
        return (self.pool.ended - before) / seconds

    def until(self, is_so: Callable[[], bool], *, within_s: float) -> float:
        began = self.pool.now
        while not is_so():
            self.run(PERIOD_S)
            assert self.pool.now - began <= within_s
        return self.pool.now - began


def a_pool(latency_s: float, *, noise: float = 0.0) -> Pool:
    return Pool(site=Site(latency_s=latency_s), page_s=PAGE_S, random=Random(7), noise=noise)


def best_of_fixed(latency_s: float) -> float:
    return max(fixed(latency_s, width) for width in (4, 16, 64, 256, 1024))


def fixed(latency_s: float, width: int) -> float:
    pool = a_pool(latency_s)
    pool.run(5 * latency_s + 1, width)
    before = pool.ended
    pool.run(4 * latency_s + 2, width)
    return (pool.ended - before) / (4 * latency_s + 2)


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("latency_s", LATENCIES)
def test_after_thirty_seconds_it_gets_nine_tenths_done_of_what_the_best_fixed_width_does(
    latency_s: float, noise: float
) -> None:
    loop = Loop(pool=a_pool(latency_s, noise=noise))
    loop.run(COLD_S)
    assert loop.run(15.0) >= 0.9 * best_of_fixed(latency_s)
    assert not loop.falls


def turned_slow(site: Site) -> None:
    site.latency_s *= 20


def turned_silent(site: Site) -> None:
    site.hangs = True


def turned_failing(site: Site) -> None:
    site.fails = 1.0


def turned_weak(site: Site) -> None:
    site.holds = 10


@pytest.mark.parametrize("turned", [turned_slow, turned_silent, turned_failing, turned_weak])
@pytest.mark.parametrize(("latency_s", "within_s"), [(0.1, 1.5), (2.0, 6.0)])
def test_half_its_width_is_gone_within_seconds_once_the_site_is_in_trouble(
    latency_s: float, within_s: float, turned: Callable[[Site], None]
) -> None:
    loop = Loop(pool=a_pool(latency_s))
    loop.run(COLD_S)
    before = loop.rule.width
    turned(loop.pool.site)
    loop.until(lambda: loop.rule.width <= before / 2, within_s=within_s)
    assert len(loop.falls) == 1


@pytest.mark.parametrize("turned", [turned_silent, turned_failing])
@pytest.mark.parametrize("latency_s", [0.1, 2.0])
def test_it_stays_low_while_nearly_all_fails_and_comes_back_with_the_site(
    latency_s: float, turned: Callable[[Site], None]
) -> None:
    loop = Loop(pool=a_pool(latency_s))
    loop.run(COLD_S)
    before = loop.run(10.0)
    turned(loop.pool.site)
    loop.run(40.0)
    loop.run(40.0)
    assert set(loop.widths) == {LEAST}
    loop.pool.site = Site(latency_s=latency_s)
    loop.until(lambda: loop.run(8.0) >= 0.9 * before, within_s=80.0)


def test_after_a_trouble_it_is_soon_as_wide_as_calm_demands_though_fewer_could_do_the_same() -> None:
    loop = Loop(pool=a_pool(0.001))
    loop.run(COLD_S)
    turned_failing(loop.pool.site)
    loop.run(20.0)
    assert loop.rule.width == LEAST
    loop.pool.site = Site(latency_s=0.001)
    loop.until(lambda: loop.rule.width >= CALM * LEAST, within_s=10.0)


@pytest.mark.parametrize("latency_s", [0.02, 0.1])
def test_a_site_that_is_slow_for_good_is_fetched_as_it_is(latency_s: float) -> None:
    loop = Loop(pool=a_pool(latency_s))
    loop.run(COLD_S)
    loop.pool.site = Site(latency_s=latency_s * 20)
    loop.run(60.0)
    assert loop.run(20.0) >= 0.9 * best_of_fixed(latency_s * 20)


def test_where_a_part_fails_whatever_the_width_it_grows_again() -> None:
    loop = Loop(pool=a_pool(0.1))
    loop.run(COLD_S)
    before = loop.run(10.0)
    loop.pool.site.fails = 0.5
    loop.run(20.0)
    assert [why for _, why in loop.falls] == ["errors"]
    assert loop.run(10.0) >= 0.9 * before


def test_it_does_not_grow_where_there_is_no_work_for_more() -> None:
    loop = Loop(pool=a_pool(0.1))
    loop.pool.demand = lambda _: START // 2
    loop.run(60.0)
    assert set(loop.widths) == {START}


def test_what_wide_work_follows_idleness_is_no_trouble() -> None:
    loop = Loop(pool=a_pool(0.1))
    loop.pool.demand = lambda now: 1_000_000 if int(now / 5) % 2 else 0
    loop.run(60.0)
    assert not loop.falls


def test_a_loop_that_is_late_is_given_less_to_do_and_no_less_than_in_the_beginning() -> None:
    rule = Governing(least=LEAST, start=START, ceiling=CEILING)
    pool = a_pool(0.1)
    for _ in range(200):
        figures = pool.run(PERIOD_S, rule.width)
        late_s = 0.2 if rule.width > 200 else 0.001
        rule.judge(replace(figures, lag_s=late_s))
    assert START <= rule.width <= 200


def test_a_lower_ceiling_holds_at_once_and_a_higher_one_is_grown_into() -> None:
    loop = Loop(pool=a_pool(2.0))
    loop.run(COLD_S)
    loop.rule.ceiling = 2
    assert loop.rule.width == 2
    loop.run(20.0)
    assert set(loop.widths) == {2}
    loop.rule.ceiling = CEILING
    loop.until(lambda: loop.rule.width > 500, within_s=60.0)


def test_what_is_held_up_by_ourselves_is_no_trouble() -> None:
    loop = Loop(pool=a_pool(0.1))
    loop.run(COLD_S)
    stuck = Figures(
        seconds=PERIOD_S, ended=0, elapsed_s=0.0, troubled=0, busy=loop.rule.width, lag_s=0.0, is_held_up=True
    )
    assert [loop.rule.judge(stuck) for _ in range(40)] == [None] * 40


@pytest.mark.parametrize("cold_s", [2.0, 3.0, 5.0, COLD_S])
def test_what_comes_while_none_is_let_begin_changes_no_width_and_is_forgotten(cold_s: float) -> None:
    loop = Loop(pool=a_pool(0.1))
    loop.run(cold_s)
    tried = loop.rule.width
    widths = set()
    for number in range(400):
        crawling = Figures(
            seconds=PERIOD_S, ended=20, elapsed_s=180.0, troubled=0, busy=number % 2 * tried, lag_s=0.0, is_shut=True
        )
        assert loop.rule.judge(crawling) is None
        widths.add(loop.rule.width)
    assert widths < {tried, tried // 2}  # what was being tried is taken back
    loop.run(COLD_S)
    assert loop.run(15.0) >= 0.9 * best_of_fixed(0.1)
    assert not loop.falls


@pytest.mark.parametrize("is_shut_before", [False, True])
def test_errors_narrow_it_and_their_end_widens_it_though_none_is_let_begin(*, is_shut_before: bool) -> None:
    loop = Loop(pool=a_pool(0.1))
    loop.run(COLD_S)
    before = loop.run(10.0)
    loop.is_shut = is_shut_before
    loop.run(10.0)
    wide = loop.rule.width
    loop.is_shut = True
    turned_failing(loop.pool.site)
    loop.until(lambda: loop.rule.width == LEAST, within_s=15.0)
    assert [why for _, why in loop.falls] == ["errors"]
    loop.pool.site = Site(latency_s=0.1)
    loop.until(lambda: loop.rule.width > wide / 2, within_s=15.0)
    loop.run(20.0)
    assert set(loop.widths) == {loop.rule.width}
    loop.is_shut = False
    loop.until(lambda: loop.run(8.0) >= 0.9 * before, within_s=80.0)


def test_while_none_is_let_begin_it_comes_back_no_wider_than_it_was() -> None:
    rule = Governing(least=LEAST, start=LEAST + 1, ceiling=CEILING)
    loop = Loop(pool=a_pool(0.1), rule=rule, is_shut=True)
    turned_failing(loop.pool.site)
    loop.until(lambda: rule.width == LEAST, within_s=15.0)
    loop.pool.site = Site(latency_s=0.1)
    loop.until(lambda: rule.width > LEAST, within_s=15.0)
    loop.run(20.0)
    assert set(loop.widths) == {LEAST + 1}


def test_a_fall_by_errors_goes_on_where_none_is_let_begin_any_more() -> None:
    loop = Loop(pool=a_pool(0.1))
    loop.run(COLD_S)
    turned_failing(loop.pool.site)
    loop.until(lambda: bool(loop.falls), within_s=1.5)
    loop.is_shut = True
    loop.until(lambda: loop.rule.width == LEAST, within_s=15.0)
    assert len(loop.falls) == 1


def test_what_fails_in_part_whatever_the_width_is_not_held_against_it_for_ever_while_none_is_let_begin() -> None:
    loop = Loop(pool=a_pool(0.1))
    loop.run(COLD_S)
    before = loop.rule.width
    loop.is_shut = True
    loop.pool.site.fails = 0.5
    loop.run(20.0)
    assert [why for _, why in loop.falls] == ["errors"]
    assert min(loop.widths) >= before // 2**CUTS
    assert loop.rule.width > before / 2


@pytest.mark.parametrize("turned", [turned_slow, turned_silent, turned_weak])
def test_what_takes_long_or_never_ends_narrows_nothing_while_none_is_let_begin(turned: Callable[[Site], None]) -> None:
    loop = Loop(pool=a_pool(0.1))
    loop.run(COLD_S)
    loop.is_shut = True
    loop.run(PERIOD_S)
    before = loop.rule.width
    turned(loop.pool.site)
    loop.run(25.0)
    assert set(loop.widths) == {before}


def test_a_fall_by_what_takes_long_ends_where_none_is_let_begin_any_more() -> None:
    loop = Loop(pool=a_pool(0.1))
    loop.run(COLD_S)
    turned_slow(loop.pool.site)
    loop.until(lambda: bool(loop.falls), within_s=1.5)
    loop.is_shut = True
    before = loop.rule.width
    loop.run(25.0)
    assert set(loop.widths) == {before}


@pytest.mark.parametrize("every", [8, 12, 20])
def test_what_none_was_let_begin_in_widens_nothing(every: int) -> None:
    """A peer that gets 400 done a second by whatever width."""
    rule = Governing(least=LEAST, start=START, ceiling=CEILING)
    for number in range(1, 1200):
        width, ended = rule.width, int(400 * PERIOD_S)
        shut = number % every == 0
        rule.judge(
            Figures(
                seconds=PERIOD_S,
                ended=ended,
                elapsed_s=ended * width / 400,
                troubled=0,
                busy=width,
                lag_s=0.0,
                is_shut=shut,
            )
        )
        assert rule.width <= 2 * START


counts = st.integers(0, 5000)
durations = st.floats(0, 1000)
periods = st.builds(
    Figures,
    seconds=st.floats(0.01, 100),
    ended=counts,
    elapsed_s=durations,
    troubled=counts,
    busy=counts,
    lag_s=st.floats(0, 10),
    is_held_up=st.booleans(),
    is_shut=st.booleans(),
)
bounds = st.tuples(st.integers(1, 100), st.integers(1, 100), st.integers(1, 100)).map(sorted)


@given(bounds, st.lists(st.tuples(periods, st.integers(1, 2000) | st.none()), max_size=60))
def test_whatever_it_is_told_the_width_is_between_its_bounds(
    within: list[int], told: list[tuple[Figures, int | None]]
) -> None:
    least, start, ceiling = within
    rule = Governing(least=least, start=start, ceiling=ceiling)
    for figures, new_ceiling in told:
        if new_ceiling is not None:
            rule.ceiling = new_ceiling
        before = rule.width
        why = rule.judge(figures)
        assert min(least, rule.ceiling) <= rule.width <= rule.ceiling
        assert why is None or rule.width < before
