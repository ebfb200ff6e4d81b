"""Where an attempt's time goes once a fetcher has it, and which part of the time the process waits for that.

Before that it waits for a fetcher: that is a matter of how long each of them takes.
"""

from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.rules.blocking_call import blocked_part
from perf.bottlenecks.rules.pool import waiting_part
from perf.bottlenecks.rules.pressing import stood_still_part

FETCH = ("dns", "connect", "tls", "first_byte", "body")
PERSISTING, EXTRACTION, MEMORY = "persisting", "extraction", "memory"


def attempt_s(evidence: Evidence) -> float:
    """All of these stages, of all attempts that showed them."""
    return stages_s(evidence, *FETCH, PERSISTING, EXTRACTION, MEMORY)


def stages_s(evidence: Evidence, *names: str) -> float:
    return sum(evidence.stage(name).total_s for name in names)


def part_of_attempt(evidence: Evidence, *names: str) -> float:
    whole = attempt_s(evidence)
    return stages_s(evidence, *names) / whole if whole else 0.0


def waited_for(evidence: Evidence, *names: str) -> float:
    """The part of the time that goes into waiting for these stages: beside all that is known to be something else."""
    waited = max(0.0, stood_still_part(evidence) - blocked_part(evidence))
    return waited * part_of_attempt(evidence, *names) * (1.0 - waiting_part(evidence))
