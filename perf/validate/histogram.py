"""How long the service itself says its answers took, between two looks at its metrics."""

from collections import Counter
from collections.abc import Mapping
from math import inf

from prometheus_client.parser import text_string_to_metric_families

BUCKET = "http_request_duration_seconds_bucket"
ROUTES: Mapping[tuple[str, str], str] = {
    ("POST", "/api/v1/scrape"): "submit",
    ("GET", "/api/v1/scrape/{job_id}"): "status",
    ("GET", "/api/v1/jobs"): "list",
    ("GET", "/health"): "health",
}

Buckets = Mapping[str, Mapping[float, float]]
"""By kind: how many took no longer than so many seconds, since its start."""


def read(text: str) -> Buckets:
    found: dict[str, Counter[float]] = {}
    for sample in (sample for family in text_string_to_metric_families(text) for sample in family.samples):
        kind = ROUTES.get((sample.labels.get("method", ""), sample.labels.get("endpoint", "")))
        if sample.name == BUCKET and kind:
            found.setdefault(kind, Counter())[float(sample.labels["le"])] += int(sample.value)
    return found


def p95_ms(before: Buckets, after: Buckets, kind: str) -> float | None:
    """At least: the lower edge of the bucket in which it lies. None where nothing was answered in between."""
    counts = {le: many - before.get(kind, {}).get(le, 0.0) for le, many in sorted(after.get(kind, {}).items())}
    total, edge = counts.get(inf, 0.0), 0.0
    if total <= 0:
        return None
    for le, many in counts.items():
        if many >= 0.95 * total:
            break
        edge = le
    return edge * 1000
