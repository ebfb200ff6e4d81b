"""Times the runs of the garbage collector: the loop stands still meanwhile."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from engine.metrics.catalogue import Catalogue


@contextmanager
def garbage_timed(*, catalogue: Catalogue, clock: Callable[[], float]) -> Iterator[None]:
    """Within its block, all of this process."""
    observe, began = catalogue.gc_duration.observe, clock()

    def ran(phase: str, _: Mapping[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = clock()
        else:
            observe(clock() - began)

    gc.callbacks.append(ran)
    try:
        yield
    finally:
        gc.callbacks.remove(ran)
