"""Commits that take long whatever is in them: the persister writes all the time, and hardly anybody computes."""

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks.evidence import EPOLL, POLL, PROCESS, SOCKET, Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.lock_step import FEW
from perf.bottlenecks.rules.page_way import PERSISTING, part_of_attempt, waited_for
from perf.bottlenecks.rules.pressing import LEAST
from perf.bottlenecks.rules.writing import SETTLE, pages_a_settle, writing_part

LONG_S = 0.05
"""The quickest of ten: a disk that syncs in a few milliseconds has done several batches by then."""
MOST_OF_IT = 0.5
NO_DISK = (EPOLL, POLL, SOCKET, PROCESS)


def _share(evidence: Evidence) -> float:
    """Of a file by what the threads sleep in, where the kernel was asked: that holds however busy the machine is."""
    if not evidence.loop_calls or evidence.database.size:
        return waited_for(evidence, PERSISTING)
    asleep = sum(part for call, part in evidence.others_calls.items() if call not in NO_DISK)
    return min(asleep, 1.0) * part_of_attempt(evidence, PERSISTING)


def slow_disk(evidence: Evidence) -> Finding | None:
    share, settle = _share(evidence), evidence.query(SETTLE)
    is_slow = settle.p10_s >= LONG_S and writing_part(evidence) >= MOST_OF_IT and pages_a_settle(evidence) >= FEW
    if share < LEAST or not is_slow:
        return None
    whose = "the server's, or its disk" if evidence.database.size else "the disk"
    return Finding(
        kind=Bottleneck.SLOW_DISK,
        share=share,
        why=f"a settling transaction takes {1000 * settle.mean_s:.0f} ms ({1000 * settle.p10_s:.0f} even when quick) "
        f"and one is under way {100 * writing_part(evidence):.0f} % of the time, while nobody runs, or could, who "
        f"writes for {100 * share:.0f} % of it: that is {whose}'s",
        change="put the database on a disk that syncs faster, one of its own; the commits cannot wait for less",
    )
