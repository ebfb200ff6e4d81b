"""Commits that take long whatever is in them: the persister writes all the time, and hardly anybody computes."""

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.lock_step import FEW
from perf.bottlenecks.rules.page_way import PERSISTING, waited_for
from perf.bottlenecks.rules.pressing import LEAST
from perf.bottlenecks.rules.writing import SETTLE, pages_a_settle, writing_part

LONG_S = 0.05
"""The quickest of ten: a disk that syncs in a few milliseconds has done several batches by then."""
MOST_OF_IT = 0.5


def slow_disk(evidence: Evidence) -> Finding | None:
    share, settle = waited_for(evidence, PERSISTING), evidence.query(SETTLE)
    is_slow = settle.p10_s >= LONG_S and writing_part(evidence) >= MOST_OF_IT and pages_a_settle(evidence) >= FEW
    if share < LEAST or not is_slow:
        return None
    return Finding(
        kind=Bottleneck.SLOW_DISK,
        share=share,
        why=f"a settling transaction takes {1000 * settle.mean_s:.0f} ms ({1000 * settle.p10_s:.0f} even when quick) "
        f"and one is under way {100 * writing_part(evidence):.0f} % of the time, while no thread has anything to do "
        f"for {100 * share:.0f} % of it: that is the disk's",
        change="put the database on a disk that syncs faster, one of its own; the commits cannot wait for less",
    )
