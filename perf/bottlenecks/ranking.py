"""All that the rules find, what holds back most first."""

from collections.abc import Callable

from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.blocking_call import blocking_call
from perf.bottlenecks.rules.cpu_extraction import cpu_extraction
from perf.bottlenecks.rules.lock_step import lock_step
from perf.bottlenecks.rules.memory import garbage, memory
from perf.bottlenecks.rules.pool import pool, redis_pool
from perf.bottlenecks.rules.pressing import is_pressed
from perf.bottlenecks.rules.slow_disk import slow_disk
from perf.bottlenecks.rules.slow_origin import slow_origin
from perf.bottlenecks.rules.slow_query import slow_query

Rule = Callable[[Evidence], Finding | None]
RULES: tuple[Rule, ...] = (
    slow_query,
    blocking_call,
    pool,
    redis_pool,
    slow_origin,
    lock_step,
    slow_disk,
    cpu_extraction,
    memory,
    garbage,
)


def ranked(evidence: Evidence) -> tuple[Finding, ...]:
    """None where no more is asked than gets done: nothing is held back there."""
    if not is_pressed(evidence):
        return ()
    found = [finding for rule in RULES if (finding := rule(evidence)) is not None]
    return tuple(sorted(found, key=lambda finding: finding.share, reverse=True))
