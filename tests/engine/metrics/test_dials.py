import gc
import math

import pytest

from engine.jobs.query import QueueFigures
from tests.engine.metrics.panel import Panel


def figures(*, due: int = 0, delayed: int = 0, running: int = 0) -> QueueFigures:
    return QueueFigures(due=due, delayed=delayed, running=running, running_ids=())


def test_the_queue_is_shown_as_the_store_knows_it() -> None:
    panel = Panel()
    panel.dials.show_queue(figures(due=3, delayed=4, running=5))
    assert (panel.shows("job_queue_size"), panel.shows("active_jobs")) == (7, 5)


def test_the_backlog_is_what_is_due_at_the_rate_that_was_measured() -> None:
    panel = Panel()
    panel.dials.show_queue(figures(due=120))
    assert math.isnan(panel.shows("backlog_seconds"))
    panel.rate.add(20)
    panel.clock.now += 10
    panel.dials.show_queue(figures(due=120, delayed=1000, running=1000))
    assert panel.shows("backlog_seconds") == 60


def test_a_standstill_is_no_backlog_only_when_nothing_is_due() -> None:
    panel = Panel()
    panel.rate.add()
    panel.clock.now += 120
    assert panel.dials.backlog_s(figures(due=1)) == math.inf
    assert panel.dials.backlog_s(figures(delayed=1, running=1)) == 0


def test_the_depth_of_a_mailbox_is_the_last_that_was_seen() -> None:
    panel = Panel()
    for depth in (7, 2):
        panel.dials.show_mailbox("leases", depth)
    assert panel.samples("actor_mailbox_depth") == {("leases",): 2.0}


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
