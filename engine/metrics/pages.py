"""Counts what was settled. On the way of every page: it costs less than 3 us.

The stages are shown of one attempt a batch, for ten observations cost 10 us: when pages come one by one it is each of
them, under load one of some hundreds.
"""

from collections.abc import Sequence

from engine.jobs.outcome import ErrorType
from engine.jobs.query import Settled
from engine.jobs.stages import Stage
from engine.jobs.status import Status
from engine.jobs.verdict import FINAL_ERRORS, Completed, Retry, Settlement
from engine.metrics.catalogue import Catalogue
from engine.metrics.headway import Headway


class PageMetrics:
    """The attempt counts as refused, and neither for its error nor for its job, whose fence no longer held."""

    def __init__(self, *, catalogue: Catalogue, headway: Headway, scraper_type: str = "http") -> None:
        """`headway` is of all attempts settled: what is due goes at that rate."""
        self._headway = headway
        self._response_time = catalogue.scraper_response_time.labels(scraper_type)
        self._successes = catalogue.scraper_requests.labels(scraper_type, "success")
        self._failures = catalogue.scraper_requests.labels(scraper_type, "error")
        self._refused = catalogue.scraper_requests.labels(scraper_type, "refused")
        self._retries = {kind: catalogue.fetch_retries.labels(kind) for kind in ErrorType if kind not in FINAL_ERRORS}
        self._errors = {kind: catalogue.job_errors.labels(kind) for kind in ErrorType}
        self._jobs = {end: catalogue.jobs.labels(scraper_type, end) for end in (Status.COMPLETED, Status.FAILED)}
        self._duration = catalogue.job_duration.labels(scraper_type)
        self._stages = [catalogue.job_stage.labels(stage) for stage in Stage]

    def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:
        """One batch; `ends` says of each settlement, in order, what became of it."""
        accepted, succeeded, took_s = 0, 0, 0.0
        for settlement, end in zip(settlements, ends, strict=True):
            elapsed_s = settlement.outcome.elapsed_s
            self._response_time.observe(elapsed_s)
            if end.accepted:
                accepted += 1
                took_s += elapsed_s
                succeeded += self._count_attempt(settlement)
                self._count_job(settlement, end.status)
            else:
                self._refused.inc()
        self._headway.add(accepted, succeeded, took_s)
        if settlements:
            middle = len(settlements) // 2  # neither the one that waited longest nor the one that waited least
            self._show_stages(settlements[middle], ends[middle])

    def _count_attempt(self, settlement: Settlement) -> bool:
        """Did it succeed?"""
        verdict = settlement.verdict
        if isinstance(verdict, Completed):
            self._successes.inc()
            return True
        self._failures.inc()
        self._errors[verdict.error_type].inc()
        if isinstance(verdict, Retry):
            self._retries[verdict.error_type].inc()
        return False

    def _show_stages(self, settlement: Settlement, end: Settled) -> None:
        spent = settlement.spent(settled_at=end.at) if end.accepted else None
        for histogram, microseconds in zip(self._stages, spent or (), strict=False):
            if microseconds > 0:
                histogram.observe(microseconds / 1e6)

    def _count_job(self, settlement: Settlement, status: Status) -> None:
        ended = self._jobs.get(status)
        if ended is not None:
            ended.inc()
            self._duration.observe(settlement.lease.ran_s + settlement.outcome.elapsed_s)
