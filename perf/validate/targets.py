"""Every target of the contract, as data: what it says, where its bar is, and what it is judged by."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from perf.validate import leak, samples
from perf.validate.evidence import LOAD, NORMAL, Evidence
from perf.validate.sample import Sample


class Side(StrEnum):
    """Where a figure has to be, beside its bar."""

    BELOW = "<"
    ABOVE = ">"
    FROM = ">="
    AT_MOST = "<="


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """How much worse than an earlier run is still no regression: the larger of a part of it, and so much."""

    part: float = 0.0
    least: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    name: str
    sentence: str
    unit: str
    side: Side
    bar: float
    sample: Callable[[Evidence], Sample]
    margin: Margin | None
    """None where an earlier run is no measure."""

    @property
    def wants_less(self) -> bool:
        return self.side in {Side.BELOW, Side.AT_MOST}


def _p95(name: str, sentence: str, bar: float) -> Target:
    return Target(
        name=name,
        sentence=sentence,
        unit="ms",
        side=Side.BELOW,
        bar=bar,
        sample=partial(samples.p95_ms, kind=name),
        margin=Margin(part=0.5, least=10.0),
    )


TARGETS = (
    _p95("submit", "p95 of a submit, under load", 100.0),
    _p95("status", "p95 of a status, under load", 50.0),
    _p95("health", "p95 of health, under load", 100.0),
    _p95("list", "p95 of a list, under load", 1000.0),
    Target(
        name="requests_per_minute",
        sentence="requests answered in a minute",
        unit="1/min",
        side=Side.ABOVE,
        bar=1000.0,
        sample=samples.requests_per_minute,
        margin=Margin(part=0.05),
    ),
    Target(
        name="requests_per_s",
        sentence="requests answered in a second",
        unit="1/s",
        side=Side.ABOVE,
        bar=100.0,
        sample=samples.requests_per_s,
        margin=Margin(part=0.05),
    ),
    Target(
        name="at_once",
        sentence="fetches at once, of slow pages",
        unit="",
        side=Side.FROM,
        bar=50.0,
        sample=samples.at_once,
        margin=Margin(part=0.1, least=5.0),
    ),
    Target(
        name="memory",
        sentence="memory of the process, the most",
        unit="MB",
        side=Side.BELOW,
        bar=1000.0,
        sample=samples.memory_megabytes,
        margin=Margin(part=0.1, least=10.0),
    ),
    Target(
        name="memory_part",
        sentence="memory used of the container's, the most",
        unit="%",
        side=Side.BELOW,
        bar=80.0,
        sample=samples.memory_percent,
        margin=Margin(part=0.1, least=2.0),
    ),
    Target(
        name="cpu_normal",
        sentence="processors used by twenty users",
        unit="%",
        side=Side.BELOW,
        bar=50.0,
        sample=partial(samples.cpu_percent, span=NORMAL),
        margin=Margin(part=0.3, least=5.0),
    ),
    Target(
        name="cpu_load",
        sentence="processors used under load",
        unit="%",
        side=Side.BELOW,
        bar=70.0,
        sample=partial(samples.cpu_percent, span=LOAD),
        margin=Margin(part=0.3, least=5.0),
    ),
    Target(
        name="job_success",
        sentence="accepted jobs that were completed",
        unit="%",
        side=Side.ABOVE,
        bar=99.0,
        sample=samples.success_percent,
        margin=Margin(least=0.5),
    ),
    Target(
        name="errors",
        sentence="calls that failed or were refused",
        unit="%",
        side=Side.BELOW,
        bar=1.0,
        sample=samples.errors_percent,
        margin=Margin(least=0.5),
    ),
    Target(
        name="failed_calls",
        sentence="calls that failed",
        unit="",
        side=Side.AT_MOST,
        bar=0.0,
        sample=samples.failed_calls,
        margin=Margin(),
    ),
    Target(
        name="uptime",
        sentence="seconds in which health answered",
        unit="%",
        side=Side.FROM,
        bar=99.9,
        sample=samples.uptime_percent,
        margin=Margin(least=0.1),
    ),
    Target(
        name="db_queries",
        sentence="database queries in a second",
        unit="1/s",
        side=Side.ABOVE,
        bar=500.0,
        sample=samples.queries_per_s,
        margin=Margin(part=0.3),
    ),
    Target(
        name="db_pool",
        sentence="database pool in use for seconds, the most",
        unit="%",
        side=Side.BELOW,
        bar=80.0,
        sample=partial(
            samples.pool_percent,
            size="db_pool",
            used="db_used",
            none="the service shows no pool of connections: it is for PostgreSQL",
        ),
        margin=Margin(part=0.5, least=10.0),
    ),
    Target(
        name="redis_pool",
        sentence="Redis pool in use for seconds, the most",
        unit="%",
        side=Side.BELOW,
        bar=70.0,
        sample=partial(samples.pool_percent, size="redis_pool", free="redis_free", none="the service shows no Redis"),
        margin=Margin(part=0.5, least=10.0),
    ),
    Target(
        name="leak",
        sentence="memory that leaks in an hour",
        unit="MB/h",
        side=Side.BELOW,
        bar=5.0,
        sample=leak.megabytes_per_hour,
        margin=None,
    ),
)
"""Of the time a call takes, half and 10 ms; of processors, 0.3 and 5 points: two runs beside others' work differ by so
much. Of rates that are offered and not sought 0.05; of what is sought, 0.3."""
