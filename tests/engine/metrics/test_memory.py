"""What is shown of memory."""

from engine.metrics.memory import MemoryMetrics
from tests.engine.metrics.panel import Panel


def test_the_limit_is_shown_and_what_is_left_of_it_and_never_less_than_nothing() -> None:
    panel = Panel()
    memory = MemoryMetrics(catalogue=panel.catalogue, actions=[])
    memory.stands(used_bytes=75, limit_bytes=100, credits_bytes=0, level=2)
    assert panel.samples("memory_usage_bytes") == {
        ("rss",): 0,
        ("vms",): 0,
        ("limit",): 100,
        ("available",): 25,
        ("credits",): 0,
    }
    assert panel.shows("memory_level") == 2
    memory.stands(used_bytes=120, limit_bytes=100, credits_bytes=0, level=4)
    assert panel.shows("memory_usage_bytes", type="available") == 0


def test_steps_and_their_undoing_are_counted_apart_and_begin_at_zero() -> None:
    panel = Panel()
    memory = MemoryMetrics(catalogue=panel.catalogue, actions=["trim", "stop_admitting"])
    memory.did("stop_admitting", is_undone=False)
    memory.did("stop_admitting", is_undone=False)
    memory.did("stop_admitting", is_undone=True)
    counted = panel.samples("memory_actions_total")
    assert counted == {("trim",): 0, ("stop_admitting",): 2, ("undo_stop_admitting",): 1}


def test_what_is_allocated_is_that_of_the_moment_and_not_shown_where_nobody_tells() -> None:
    panel, told = Panel(), iter([5, 7])
    MemoryMetrics(catalogue=panel.catalogue, actions=[], allocated=lambda: next(told))
    assert [panel.shows("memory_usage_bytes", type="allocated") for _ in range(2)] == [5, 7]
    panel = Panel()
    MemoryMetrics(catalogue=panel.catalogue, actions=[])
    assert ("allocated",) not in panel.samples("memory_usage_bytes")
