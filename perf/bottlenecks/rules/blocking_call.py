"""A call on the event loop, which serves nobody meanwhile: it is late although its thread has little to do, or late
because of what it computes.
"""

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.cpu_extraction import extracting_part
from perf.bottlenecks.rules.pressing import LEAST, stood_still_part

LATE_S = 0.02
"""Half of all times: a busy loop is as late now and then, a blocked one whenever it is looked at."""
COMPUTING_LATE_S = 0.1


def blocked_part(evidence: Evidence) -> float:
    """By a call that waits. While the loop stands still so does everybody, whatever they seem to wait for."""
    return stood_still_part(evidence) if evidence.lag.p50_s >= LATE_S else 0.0


def computing_part(evidence: Evidence) -> float:
    if evidence.loop is None or evidence.lag.p50_s < COMPUTING_LATE_S:
        return 0.0
    return max(0.0, evidence.loop.cpu_part - extracting_part(evidence))


def blocking_call(evidence: Evidence) -> Finding | None:
    waiting, computing = blocked_part(evidence), computing_part(evidence)
    share = max(waiting, computing)
    if share < LEAST:
        return None
    lag = evidence.lag
    did = "waits in it" if waiting >= computing else "computes in it"
    return Finding(
        kind=Bottleneck.BLOCKING_CALL,
        share=share,
        why=f"the event loop is late by {1000 * lag.p50_s:.0f} ms in the median ({1000 * lag.p95_s:.0f} at the 95th "
        f"percentile), and {100 * share:.0f} % of the time its thread {did} instead of serving others",
        change="find the call in the profile's stacks of the main thread, and give it to a thread (engine/runtime/"
        "threads.py) or make it asynchronous",
    )
