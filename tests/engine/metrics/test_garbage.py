"""Runs of the garbage collector are timed while somebody wants to know, and no longer."""

import gc
from itertools import count

from engine.metrics.garbage import garbage_timed
from tests.engine.metrics.panel import Panel


def test_each_run_is_timed_from_its_start_to_its_end() -> None:
    panel, callbacks = Panel(), len(gc.callbacks)
    clock = map(float, count())
    gc.disable()
    try:
        with garbage_timed(catalogue=panel.catalogue, clock=lambda: next(clock)):
            gc.collect()
            gc.collect(0)
        gc.collect()
    finally:
        gc.enable()
    assert (panel.shows("gc_duration_seconds_count"), panel.shows("gc_duration_seconds_sum")) == (2, 2.0)
    assert len(gc.callbacks) == callbacks
