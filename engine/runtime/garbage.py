"""The collector of reference cycles, told what a long-running process is like.

Nearly all that lives at the start lives to the end, and nearly all that comes later is gone with its message, counted
down and not collected. So the start is never looked at again, and the young are looked at more rarely.
"""

import gc

YOUNG = 10_000
"""Objects that come and stay between two looks at the young: some milliseconds of full load."""
LOOKS = (20, 50)
"""Looks at one generation between two at the next."""


def settle_in() -> None:
    """For once, when all is loaded and opened. What is garbage by then, and not counted down, stays: it is little."""
    gc.freeze()
    gc.set_threshold(YOUNG, *LOOKS)
