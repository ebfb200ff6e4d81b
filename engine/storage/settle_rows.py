"""What an outcome makes of a job: as a row of the settle, as where the job stands then, as the answer."""

from collections.abc import Mapping
from typing import Any

from engine.jobs.mould import Mould
from engine.jobs.query import Settled
from engine.jobs.status import Status
from engine.jobs.verdict import Completed, Failed, Retry, Settlement, Verdict
from engine.storage.codec import encode_stages, stages_of
from engine.storage.standing import Standing

AFTER: Mapping[type[Verdict], Status] = {
    Completed: Status.COMPLETED,
    Failed: Status.FAILED,
    Retry: Status.QUEUED,
}
"""What a job is after a verdict."""
DONE = (None, None, None, None)
_STATUSES = {status.value: status for status in Status}
_ENDS = Mould(Settled, ("accepted", "status", "at"))


def settled_row(settlement: Settlement, now: float) -> tuple[Any, ...]:
    """Of what did not complete.

    Id, status, seconds it ran, due time of a retry, time of the end, error, message, stages.
    """
    job_id, elapsed_s = settlement.lease.job_id, settlement.outcome.elapsed_s
    stages = encode_stages(settlement.spent(settled_at=now), before=settlement.lease.spent)
    status, due_at, error, message = fate(settlement.verdict)
    return (job_id, status, elapsed_s, due_at, now if due_at is None else None, error, message, stages)


def fate(verdict: Verdict) -> tuple[str | None, float | None, str | None, str | None]:
    """Status, due time of a retry, error, message; of what completed, which most do, nothing."""
    if isinstance(verdict, Completed):
        return DONE
    status = AFTER[type(verdict)].value
    due_at = verdict.due_at if isinstance(verdict, Retry) else None
    return (status, due_at, verdict.error_type.value, verdict.message)


def completed_row(settlement: Settlement, now: float) -> tuple[Any, ...]:
    """To be JSON: fence, seconds it ran, stages."""
    lease = settlement.lease
    stages = stages_of(settlement.spent(settled_at=now), before=lease.spent)
    return (lease.fence, settlement.outcome.elapsed_s, stages)


def standing_after(standing: Standing, settlement: Settlement) -> Standing:
    job_id, fence, _, _, attempts, lane, day, scraper_type = standing
    is_retry = isinstance(settlement.verdict, Retry)
    return Standing(
        job_id, fence, AFTER[type(settlement.verdict)].value, is_retry, attempts + 1, lane, day, scraper_type
    )


def accepted(status: str, now: float) -> Settled:
    """The end of a settlement whose fence held."""
    return _ENDS.one(True, _STATUSES[status], now)


def end_of(standing: Standing | None, settlement: Settlement, now: float) -> Settled:
    if standing is None:  # a job that is not there is nobody's to settle
        return Settled(accepted=False, status=Status.CANCELLED)
    return _ENDS.one(standing.was_settled_by(settlement.lease), _STATUSES[standing.status], now)
