import gc
import math

import pytest

from engine.jobs.backlog import Backlog, Worker
from engine.jobs.query import QueueFigures
from engine.runtime import Mailbox
from tests.engine.metrics.panel import Panel


def figures(*, due: int = 0, delayed: int = 0, running: int = 0) -> QueueFigures:
    return QueueFigures(due=due, delayed=delayed, running=running, running_ids=())


def test_the_queue_is_shown_as_the_store_knows_it() -> None:
    panel = Panel()
    panel.dials.show_queue(figures(due=3, delayed=4, running=5))
    assert (panel.shows("job_queue_size"), panel.shows("active_jobs")) == (7, 5)


@pytest.mark.parametrize(
    ("eligible", "per_second", "seconds"),
    [(120, 2.0, 60.0), (120, None, math.nan), (120, 0.0, math.inf), (0, None, 0.0)],
)
def test_the_backlog_is_shown_in_seconds(eligible: int, per_second: float | None, seconds: float) -> None:
    panel = Panel()
    assert math.isnan(panel.shows("backlog_seconds"))
    panel.dials.show_backlog(Backlog(eligible=eligible, per_second=per_second))
    assert panel.shows("backlog_seconds") == pytest.approx(seconds, nan_ok=True)


def test_a_process_tells_of_itself_how_many_it_fetches_at_once_and_how_fast_it_is() -> None:
    panel = Panel()
    assert panel.dials.worker("me") is None
    panel.dials.show_width(8)
    assert panel.dials.worker("me") == Worker(owner="me", slots=8, per_second=0.0, per_slot=None)
    panel.headway.add(20, 20, took_s=40.0)
    panel.clock.now += 10
    assert panel.dials.worker("me") == Worker(owner="me", slots=8, per_second=2.0, per_slot=0.5)
    panel.clock.now += 3600
    assert panel.dials.worker("me") == Worker(owner="me", slots=8, per_second=0.0, per_slot=0.5)


def test_who_waits_is_told_by_the_rate_of_all_processes() -> None:
    panel = Panel()
    panel.dials.show_queue(figures(due=9))
    assert panel.dials.wait_s() is None
    panel.dials.show_backlog(Backlog(eligible=9, per_second=5.0))
    assert panel.dials.wait_s() == 2


def test_how_long_a_job_waits_is_told_as_soon_as_there_is_a_rate() -> None:
    panel = Panel()
    panel.dials.show_queue(figures(due=9))
    panel.dials.show_backlog(Backlog(eligible=9, per_second=None))
    assert panel.dials.wait_s() is None
    panel.headway.add(5, 5, took_s=1.0)
    assert panel.dials.wait_s() == 2


async def test_the_depth_of_a_mailbox_is_that_of_the_moment() -> None:
    panel = Panel()
    leases: Mailbox[int] = Mailbox("leases", capacity=9)
    panel.dials.watch_mailbox(leases)
    for depth in range(1, 4):
        await leases.put(depth)
        assert panel.samples("actor_mailbox_depth") == {("leases",): depth}


def test_counters_of_the_process_move_on_by_what_came_since() -> None:
    panel = Panel()
    panel.dials.show_process()
    before = panel.samples("gc_collections_total")
    gc.collect()
    panel.clock.now += 5
    panel.dials.show_process()
    after, vitals = panel.samples("gc_collections_total"), panel.dials.vitals
    assert vitals is not None
    assert after["2",] >= before["2",] + 1
    assert list(after.values()) == list(vitals.collections)
    assert panel.shows("process_cpu_seconds_total") == pytest.approx(vitals.cpu_s)
    assert panel.shows("app_uptime_seconds") == vitals.uptime_s == 5


def test_there_are_no_vitals_before_the_first_sample() -> None:
    assert Panel().dials.vitals is None
