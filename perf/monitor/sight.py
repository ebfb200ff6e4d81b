"""One look at the server, in figures that people read: rates of what counts up, the rest as it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from perf.sampler import MAILBOX

MEBIBYTE = 1024 * 1024
RATES = {
    "pages_per_s": ("pages", 1.0),
    "requests_per_s": ("requests", 1.0),
    "requests_failed_per_s": ("requests_failed", 1.0),
    "jobs_failed_per_s": ("failed", 1.0),
    "cpu_percent": ("cpu_s", 100.0),
}
"""What of the sampler's grows by how much a second; a processor that is busy all the time is 100 percent."""
STANDS = {
    "queue": ("queue", 1.0),
    "backlog_s": ("backlog_s", 1.0),
    "active_jobs": ("active", 1.0),
    "rss_mib": ("rss_bytes", 1.0 / MEBIBYTE),
    "memory_level": ("memory_level", 1.0),
    "db_pool": ("db_pool", 1.0),
    "db_used": ("db_used", 1.0),
    "redis_pool": ("redis_pool", 1.0),
    "redis_free": ("redis_free", 1.0),
}
LAG = "loop_lag_ms"
NAMES = (*RATES, *STANDS, LAG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is not known is not among the figures. `gap` says why the server showed nothing; empty where it did."""

    at: float
    """Epoch seconds."""
    figures: Mapping[str, float]
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """As the sampler took it, but for what a young process does not show yet."""

    at: float
    shown: Mapping[str, float]
    fault: str


def sample(*, at: float, shown: Mapping[str, float], fault: str) -> Sample:
    """A request that failed is shown from the first on; memory and processor time once they were measured."""
    known = {
        name: value for name, value in shown.items() if shown.get("rss_bytes") or name not in {"rss_bytes", "cpu_s"}
    }
    return Sample(at=at, shown={"requests_failed": 0.0, **known} if "requests" in known else known, fault=fault)


def sight(before: Sample | None, now: Sample) -> Sight:
    """Rates need a sample before; what fell since then has begun anew, and has none."""
    figures = {name: now.shown[of] * factor for name, (of, factor) in STANDS.items() if of in now.shown}
    figures |= {name: value for name, value in now.shown.items() if name.startswith(MAILBOX)}
    if before is not None and now.at > before.at:
        figures |= _rates(before, now)
    return Sight(at=now.at, figures={name: value for name, value in figures.items() if isfinite(value)}, gap=now.fault)


def _rates(before: Sample, now: Sample) -> Mapping[str, float]:
    gained = {name: now.shown[name] - before.shown[name] for name in now.shown if name in before.shown}
    passed_s = now.at - before.at
    found = {name: gained[of] / passed_s * by for name, (of, by) in RATES.items() if gained.get(of, -1.0) >= 0}
    if gained.get("lags", 0.0) > 0:
        found[LAG] = 1000 * gained["lag_s"] / gained["lags"]
    return found
