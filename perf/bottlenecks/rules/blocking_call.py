"""A call on the event loop, which serves nobody meanwhile: it is late although its thread has little to do, or late
because of what it computes.
"""

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks.evidence import EPOLL, LOCK, RUNNING, Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.cpu_extraction import extracting_part
from perf.bottlenecks.rules.pressing import LEAST, stood_still_part

LATE_S = 0.02
"""Half of all times: a busy loop is as late now and then, a blocked one whenever it is looked at."""
COMPUTING_LATE_S = 0.1
LOOP_THREAD, INNERMOST = "MainThread;", 2


def blocked_part(evidence: Evidence) -> float:
    """By a call that waits. While the loop stands still so does everybody, whatever they seem to wait for.

    Where the kernel was not asked, by how late the loop is: that is seen once a second only.
    """
    if evidence.loop_calls:
        return sum(_asleep(evidence).values())
    return stood_still_part(evidence) if evidence.lag.p50_s >= LATE_S else 0.0


def _asleep(evidence: Evidence) -> dict[str, float]:
    """In calls that are not the loop's own. The interpreter's lock is waited for while others have it, and they run."""
    others = evidence.others.busy_part if evidence.others else 0.0
    parts = {name: part for name, part in evidence.loop_calls.items() if name not in (RUNNING, EPOLL)}
    return parts | {LOCK: max(0.0, parts.get(LOCK, 0.0) - others)}


def computing_part(evidence: Evidence) -> float:
    if evidence.loop is None or evidence.lag.p50_s < COMPUTING_LATE_S:
        return 0.0
    return max(0.0, evidence.loop.cpu_part - extracting_part(evidence))


def blocking_call(evidence: Evidence) -> Finding | None:
    waiting, computing = blocked_part(evidence), computing_part(evidence)
    share = max(waiting, computing)
    if share < LEAST:
        return None
    did = _waits(evidence) if waiting >= computing else "computes"
    return Finding(
        kind=Bottleneck.BLOCKING_CALL,
        share=share,
        why=f"{100 * share:.0f} % of the time the event loop's thread {did} instead of serving others"
        f"{_where(evidence)}{_late(evidence)}",
        change="find the call in the profile's stacks of the main thread, and give it to a thread (engine/runtime/"
        "threads.py) or make it asynchronous",
    )


def _waits(evidence: Evidence) -> str:
    asleep = _asleep(evidence)
    return f"hangs in {max(asleep, key=asleep.__getitem__)}" if evidence.loop_calls else "waits"


def _where(evidence: Evidence) -> str:
    """Its innermost functions where it was seen most often, if there is a profile."""
    of_loop = [stack for stack in evidence.stacks if stack.frames.startswith(LOOP_THREAD)]
    if not of_loop:
        return ""
    first = max(of_loop, key=lambda stack: stack.part)
    return f", most often in {' > '.join(first.frames.split(';')[-INNERMOST:])}"


def _late(evidence: Evidence) -> str:
    lag = evidence.lag
    late = f"; it is late by {1000 * lag.mean_s:.0f} ms in the mean ({1000 * lag.p95_s:.0f} at the 95th percentile)"
    return late if lag.count else ""
