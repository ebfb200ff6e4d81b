"""Sites that answer late: fetchers wait, and the process has little to do."""

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.page_way import FETCH, waited_for
from perf.bottlenecks.rules.pressing import LEAST


def slow_origin(evidence: Evidence) -> Finding | None:
    share = waited_for(evidence, *FETCH)
    if share < LEAST:
        return None
    return Finding(
        kind=Bottleneck.SLOW_ORIGIN,
        share=share,
        why=f"sites take {evidence.stage('first_byte').mean_s:.2f} s to begin an answer: {evidence.width:.0f} fetches "
        f"at once bring {evidence.per_second:.0f} pages/s, and the process waits for them "
        f"{100 * share:.0f} % of the time",
        change="nothing in the service: it widens by itself up to MAX_CONCURRENT_JOBS and HTTP_MAX_CONNECTIONS; raise "
        "these if it stands there, and spread the jobs over more hosts",
    )
