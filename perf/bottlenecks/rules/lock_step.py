"""Actors that hand on one message at a time: transactions hold a page each, though many wait to be written."""

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.blocking_call import blocked_part
from perf.bottlenecks.rules.page_way import PERSISTING, part_of_attempt
from perf.bottlenecks.rules.pool import waiting_part
from perf.bottlenecks.rules.pressing import LEAST
from perf.bottlenecks.rules.writing import SETTLE, pages_a_settle

FEW = 2.0
"""Pages a transaction: a persister that has others to wait for writes many."""
OUTCOMES = "outcomes"


def _share(evidence: Evidence) -> float:
    """Of an attempt, what it waits to be written beyond the writing itself. A transaction that holds one of many pages
    tells by itself, however busy the machine is.
    """
    persisting, settle = evidence.stage(PERSISTING), evidence.query(SETTLE)
    if blocked_part(evidence) >= LEAST or not persisting.mean_s:
        return 0.0
    waits = max(0.0, 1.0 - settle.mean_s / persisting.mean_s)
    return waits * part_of_attempt(evidence, PERSISTING) * (1.0 - waiting_part(evidence))


def lock_step(evidence: Evidence) -> Finding | None:
    share, pages = _share(evidence), pages_a_settle(evidence)
    if share < LEAST or not 0 < pages < FEW:
        return None
    box = evidence.mailboxes.get(OUTCOMES)
    depth = "" if box is None else f", and never more than {box.depth_most:.0f} wait in its mailbox"
    return Finding(
        kind=Bottleneck.LOCK_STEP,
        share=share,
        why=f"a transaction holds {pages:.1f} pages and takes {1000 * evidence.query(SETTLE).mean_s:.0f} ms{depth}, "
        f"while a page waits {evidence.stage(PERSISTING).mean_s:.1f} s to be written: fetchers and persister go in "
        f"lock step, {100 * share:.0f} % of its way",
        change="give the mailbox between them room for a batch (actors/system.py: outcomes), so that many share a "
        "transaction",
    )
