"""Too few connections: whoever wants one waits for another to give it back."""

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.pressing import LEAST


def waiting_part(evidence: Evidence) -> float:
    """Of the time that queries take, what they wait for a connection; none unless all are in use most of the time."""
    spent_s = sum(timing.total_s for timing in evidence.queries.values())
    if not spent_s or evidence.database.full_part < LEAST:
        return 0.0
    return min(evidence.database.wait.total_s / spent_s, 1.0)


def pool(evidence: Evidence) -> Finding | None:
    share, database = waiting_part(evidence), evidence.database
    if share < LEAST:
        return None
    return Finding(
        kind=Bottleneck.POOL,
        share=share,
        why=f"of what queries take, {100 * share:.0f} % is waiting for a connection "
        f"({1000 * database.wait.mean_s:.0f} ms each, {database.wait.count} times): {database.size:.0f} are allowed, "
        f"and in {100 * database.full_part:.0f} % of all looks none was free",
        change="raise DB_POOL_SIZE and DB_MAX_OVERFLOW, as far as the server's max_connections lets all processes",
    )


def redis_pool(evidence: Evidence) -> Finding | None:
    redis = evidence.redis
    if redis.full_part < 1 - LEAST:
        return None
    return Finding(
        kind=Bottleneck.REDIS_POOL,
        share=redis.full_part,
        why=f"in {100 * redis.full_part:.0f} % of all looks none of the {redis.size:.0f} connections to Redis was free",
        change="raise REDIS_MAX_CONNECTIONS",
    )
