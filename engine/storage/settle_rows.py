"""What an outcome makes of a job: as a row of the settle, as where the job stands then, as the answer."""

from typing import Any

from engine.jobs.query import Settled
from engine.jobs.status import Status
from engine.jobs.verdict import Completed, Retry, Settlement
from engine.storage.codec import encode_stages
from engine.storage.standing import Standing


def settled_row(settlement: Settlement, now: float) -> tuple[Any, ...]:
    """Id, status, seconds it ran, due time of a retry, time of the end, error, message, stages."""
    verdict, job_id, elapsed_s = settlement.verdict, settlement.lease.job_id, settlement.outcome.elapsed_s
    stages = _stages(settlement, now)
    if isinstance(verdict, Completed):
        return (job_id, Status.COMPLETED.value, elapsed_s, None, now, None, None, stages)
    due_at, ended_at = (verdict.due_at, None) if isinstance(verdict, Retry) else (None, now)
    error, message = verdict.error_type.value, verdict.message
    return (job_id, _status(settlement), elapsed_s, due_at, ended_at, error, message, stages)


def _stages(settlement: Settlement, now: float) -> str | None:
    return encode_stages(settlement.spent(settled_at=now), before=settlement.lease.spent)


def _status(settlement: Settlement) -> str:
    if isinstance(settlement.verdict, Completed):
        return Status.COMPLETED.value
    return Status.QUEUED.value if isinstance(settlement.verdict, Retry) else Status.FAILED.value


def standing_after(standing: Standing, settlement: Settlement) -> Standing:
    is_retry = isinstance(settlement.verdict, Retry)
    return standing._replace(status=_status(settlement), is_scheduled=is_retry, attempts=standing.attempts + 1)


def end_of(standing: Standing | None, settlement: Settlement, now: float) -> Settled:
    if standing is None:  # a job that is not there is nobody's to settle
        return Settled(accepted=False, status=Status.CANCELLED)
    return Settled(accepted=standing.was_settled_by(settlement.lease), status=Status(standing.status), at=now)
