"""Fetches that wait until there is memory, and a collector of garbage that holds everything up."""

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.page_way import MEMORY, part_of_attempt
from perf.bottlenecks.rules.pressing import LEAST

MOST_OF_IT = 0.1
"""Of the time, in pauses: it is tuned to take a hundredth."""


def memory(evidence: Evidence) -> Finding | None:
    share = part_of_attempt(evidence, MEMORY)
    if share < LEAST:
        return None
    return Finding(
        kind=Bottleneck.MEMORY,
        share=share,
        why=f"of an attempt {100 * share:.0f} % is waiting for memory ({evidence.stage(MEMORY).mean_s:.1f} s each), "
        f"with the ladder at {evidence.memory_level_most:.0f} at the most",
        change="raise MEMORY_LIMIT or MEMORY_BUDGET, or ask for smaller bodies (MAX_BODY_BYTES)",
    )


def garbage(evidence: Evidence) -> Finding | None:
    share = evidence.garbage.total_s / evidence.window_s if evidence.window_s else 0.0
    if share < MOST_OF_IT:
        return None
    return Finding(
        kind=Bottleneck.GARBAGE,
        share=share,
        why=f"the collector ran {evidence.garbage.count} times and held everything up {100 * share:.0f} % of the "
        f"time ({1000 * evidence.garbage.mean_s:.0f} ms each)",
        change="look for who makes cycles (gc_collections_total, the snapshot of memory), or for memory that is short",
    )
