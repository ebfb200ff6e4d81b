"""More is taken out of pages than the processor has time for."""

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.pressing import LEAST

WHOLE = 1.0
"""Pages are taken apart one at a time."""


def extracting_part(evidence: Evidence) -> float:
    """By the attempts that show their stages: one of each batch. Those without extraction do not have it."""
    extraction, shown = evidence.stage("extraction"), evidence.stage("persisting").count
    if not shown or not evidence.window_s:
        return 0.0
    extracted = evidence.pages * min(extraction.count / shown, 1.0)
    return min(extracted * extraction.mean_s / evidence.window_s, WHOLE)


def cpu_extraction(evidence: Evidence) -> Finding | None:
    share = extracting_part(evidence)
    if share < LEAST:
        return None
    took = evidence.stage("extraction")
    return Finding(
        kind=Bottleneck.CPU_EXTRACTION,
        share=share,
        why=f"taking out of a page what was asked takes {1000 * took.mean_s:.0f} ms, one page at a time: at "
        f"{evidence.per_second:.0f} pages/s that is {100 * share:.0f} % of the time",
        change="ask for less (extract_text, links, selectors) or for cheaper selectors; more processes on one database "
        "take more pages apart (--role worker)",
    )
