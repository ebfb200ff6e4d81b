"""Counts what was settled. On the way of every page: a page costs plain numbers, and a batch a few locks.

The stages are shown of one attempt a batch, for ten observations cost 10 us: when pages come one by one it is each of
them, under load one of some hundreds.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from engine.jobs.outcome import ErrorType
from engine.jobs.query import Settled
from engine.jobs.stages import Stage
from engine.jobs.status import Status
from engine.jobs.verdict import FINAL_ERRORS, Completed, Failed, Retry, Settlement
from engine.metrics.catalogue import FETCH_S, Catalogue
from engine.metrics.headway import Headway
from engine.metrics.spread import Spread

ERRORS: tuple[ErrorType, ...] = tuple(kind for kind in ErrorType if kind is not ErrorType.CANCELLED)
"""A cancel is none: it is what somebody wanted."""


class PageMetrics(Collector):
    """The attempt counts as refused, and neither for its error nor for its job, whose fence no longer held."""

    def __init__(self, *, catalogue: Catalogue, headway: Headway, scraper_type: str = "http") -> None:
        """`headway` is of all attempts settled: what is due goes at that rate."""
        self._catalogue = catalogue
        self._labels = (scraper_type,)
        self._headway = headway
        self._response_time, self._duration = Spread(FETCH_S), Spread(FETCH_S)
        self._successes = catalogue.scraper_requests.labels(scraper_type, "success")
        self._failures = catalogue.scraper_requests.labels(scraper_type, "error")
        self._refused = catalogue.scraper_requests.labels(scraper_type, "refused")
        self._retries = {kind: catalogue.fetch_retries.labels(kind) for kind in ErrorType if kind not in FINAL_ERRORS}
        self._errors = {kind: catalogue.job_errors.labels(kind) for kind in ERRORS}
        self._jobs = {end: catalogue.jobs.labels(scraper_type, end) for end in (Status.COMPLETED, Status.FAILED)}
        self._stages = [catalogue.job_stage.labels(stage) for stage in Stage]
        catalogue.register(self)

    def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:
        """One batch; `ends` says of each settlement, in order, what became of it."""
        errors: Counter[ErrorType] = Counter()
        jobs: Counter[Status] = Counter()
        accepted, took_s = 0, 0.0
        durations_s: list[float] = []
        for settlement, end in zip(settlements, ends, strict=True):
            if not end.accepted:
                continue
            elapsed_s = settlement.outcome.elapsed_s
            accepted += 1
            took_s += elapsed_s
            if not isinstance(settlement.verdict, Completed):
                self._count_error(settlement.verdict, errors)
            if end.status in self._jobs:
                jobs[end.status] += 1
                durations_s.append(settlement.lease.ran_s + elapsed_s)
        self._response_time.add([settlement.outcome.elapsed_s for settlement in settlements])
        self._duration.add(durations_s)
        self._headway.add(accepted, accepted - errors.total(), took_s)
        self._count(len(settlements), accepted, errors, jobs)
        if settlements:
            middle = len(settlements) // 2  # neither the one that waited longest nor the one that waited least
            self._show_stages(settlements[middle], ends[middle])

    def collect(self) -> Iterator[HistogramMetricFamily]:
        yield self._response_time.show(self._catalogue.scraper_response_time(), self._labels)
        yield self._duration.show(self._catalogue.job_duration(), self._labels)

    def _count_error(self, verdict: Failed | Retry, errors: Counter[ErrorType]) -> None:
        errors[verdict.error_type] += 1
        if isinstance(verdict, Retry):
            self._retries[verdict.error_type].inc()

    def _count(self, attempts: int, accepted: int, errors: Counter[ErrorType], jobs: Counter[Status]) -> None:
        self._refused.inc(attempts - accepted)
        self._failures.inc(errors.total())
        self._successes.inc(accepted - errors.total())
        for kind, number in errors.items():
            self._errors[kind].inc(number)
        for status, number in jobs.items():
            self._jobs[status].inc(number)

    def _show_stages(self, settlement: Settlement, end: Settled) -> None:
        spent = settlement.spent(settled_at=end.at) if end.accepted else None
        for histogram, microseconds in zip(self._stages, spent or (), strict=False):
            if microseconds > 0:
                histogram.observe(microseconds / 1e6)
