"""A query that takes most of the time because of how the database makes it."""

from collections.abc import Iterator

from engine.jobs.bottleneck import Bottleneck
from engine.metrics.timed_store import SLOW_S
from perf.bottlenecks.evidence import Evidence, Plan
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.rules.pressing import LEAST

NOTHING_S = 0.005
"""A table that is gone through in less is small."""
TIMES = 3.0
"""Longer than any other: where no plan is known, that tells it from a store that is slow in all."""


def slow_query(evidence: Evidence) -> Finding | None:
    found = [*_by_plan(evidence), *(() if evidence.plans else _by_time(evidence))]
    return max(found, key=lambda each: each.share, default=None)


def _by_plan(evidence: Evidence) -> Iterator[Finding]:
    for plan in evidence.plans:
        share = min(evidence.busy_part(plan.query), 1.0)
        if plan.scans and share >= LEAST and (plan.took_s is None or plan.took_s >= NOTHING_S):
            yield Finding(
                kind=Bottleneck.SLOW_QUERY,
                share=share,
                why=f"the query {plan.query} is under way {100 * share:.0f} % of the time, {_mean(evidence, plan)} a "
                f"call, and its statement '{plan.statement}' goes through {', '.join(plan.scans)} row by "
                f"row{_alone(plan)}",
                change="give that statement the index of engine/storage/schema.py that it goes by: it is missing, or "
                "the planner does not take it",
            )


def _by_time(evidence: Evidence) -> Iterator[Finding]:
    means = {name: timing.mean_s for name, timing in evidence.queries.items()}
    for name, mean_s in means.items():
        others = max((other for each, other in means.items() if each != name), default=0.0)
        share = min(evidence.busy_part(name), 1.0)
        if share >= LEAST and mean_s >= SLOW_S and mean_s >= TIMES * others:
            yield Finding(
                kind=Bottleneck.SLOW_QUERY,
                share=share,
                why=f"the query {name} takes {1000 * mean_s:.0f} ms a call, all others {1000 * others:.0f} at most, "
                f"and is under way {100 * share:.0f} % of the time",
                change="look at its plan: say --database-url",
            )


def _mean(evidence: Evidence, plan: Plan) -> str:
    return f"{1000 * evidence.query(plan.query).mean_s:.0f} ms"


def _alone(plan: Plan) -> str:
    return "" if plan.took_s is None else f" ({1000 * plan.took_s:.0f} ms alone)"
