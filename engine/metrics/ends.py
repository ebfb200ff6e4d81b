"""Counts jobs that came to their end without an outcome: cancelled, or failed because whoever fetched them was lost.

Those with an outcome are counted as they are settled.
"""

from engine.jobs.outcome import ErrorType
from engine.jobs.ports import Ends
from engine.jobs.status import Status
from engine.metrics.catalogue import Catalogue


class EndMetrics:
    """Told by the store of this process what its transactions ended, so that a fleet counts each job once."""

    def __init__(self, *, catalogue: Catalogue, scraper_type: str = "http") -> None:
        self._cancelled = catalogue.jobs.labels(scraper_type, Status.CANCELLED)
        self._failed = catalogue.jobs.labels(scraper_type, Status.FAILED)
        self._errors = catalogue.job_errors

    def ended(self, ends: Ends) -> None:
        for error_type, jobs in ends.items():
            if error_type is ErrorType.CANCELLED:
                self._cancelled.inc(jobs)
            else:
                self._failed.inc(jobs)
                self._errors.labels(error_type).inc(jobs)
