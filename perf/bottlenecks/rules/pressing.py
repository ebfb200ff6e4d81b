"""Is there more to do than gets done, and does the process itself stand still meanwhile?

What holds throughput back can only be asked of a service that is pressed. One whose threads have the processors, or
wait for them, all the time is at the end of its machine: that is no fault, unless more is taken than should be.
"""

from perf.bottlenecks.evidence import Evidence, Threads

LEAST = 0.25
"""Of the time: what takes less holds little back."""
AHEAD_S = 1.0
FEW = 10
"""Jobs. As many as are done in a second wait in any service that is busy."""


def is_pressed(evidence: Evidence) -> bool:
    return evidence.due >= max(FEW, AHEAD_S * evidence.per_second)


def stood_still_part(evidence: Evidence) -> float:
    """The part of the time in which none of its threads ran, or could have: all waited for something else.

    The loop's and the others' times are taken to meet as chance will have it. Where the kernel was not asked, a process
    that others keep from the processors seems to stand still: none does for longer than there is a processor free.
    """
    if evidence.loop is None or evidence.others is None:
        return max(0.0, 1.0 - max(evidence.cpu_part, evidence.machine_cpu_part))
    return _rests(evidence.loop) * _rests(evidence.others)


def _rests(threads: Threads) -> float:
    return max(0.0, 1.0 - threads.busy_part)
