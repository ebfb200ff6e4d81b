"""Where a job's time went, why it waits now, and when it is likely to start."""

from aiohttp import web

from engine.api.answers import JobExplanation, ReasonName, StageMilliseconds
from engine.api.dates import shown, shown_if
from engine.api.rendering import json_answer
from engine.api.services import SERVICES
from engine.errors import UnknownJobError
from engine.jobs.job import Job
from engine.jobs.query import COUNTED_AT_MOST, Explanation
from engine.jobs.stages import Spent, Stage
from engine.jobs.status import Status


async def explain(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    found = await services.store.explain(request.match_info["job_id"])
    if found is None:
        raise UnknownJobError
    start = starts_at(found, per_second=services.figures.per_second(), now=services.wall())
    return json_answer(explanation_of(found, estimated_start=start))


def explanation_of(found: Explanation, *, estimated_start: float | None) -> JobExplanation:
    job = found.job
    reason = _reason(job)
    total_ms = None if job.completed_at is None else _ms(max(0.0, job.completed_at - job.created_at) * 1e6)
    return JobExplanation(
        job_id=job.id,
        status=job.status.value,
        reason=reason,
        message=_in_words(found, reason),
        since=shown(job.updated_at),
        due_at=shown_if(job.due_at),
        lease_until=shown_if(job.lease_until),
        jobs_ahead=found.ahead if reason == "waits_for_turn" else None,
        estimated_start=shown_if(estimated_start),
        attempts=job.attempts,
        losses=job.losses,
        total_ms=total_ms,
        last_attempt_ms=_shown(found.last),
        all_attempts_ms=_shown(found.total),
        unaccounted_ms=None if total_ms is None or not found.total else _ms(total_ms * 1e3 - sum(found.total)),
    )


def starts_at(found: Explanation, *, per_second: float | None, now: float) -> float | None:
    """In epoch seconds, at the measured rate; None where none was measured, and for what does not wait."""
    if found.job.status is not Status.QUEUED or not per_second:
        return None
    return max(now + found.before / per_second, found.job.due_at or 0.0)


def _reason(job: Job) -> ReasonName:
    if job.status.is_final:
        return "final"
    if job.status is Status.RUNNING:
        return "running"
    if job.due_at is None:
        return "waits_for_turn"
    return "waits_for_retry" if job.attempts else "scheduled"


def _in_words(found: Explanation, reason: ReasonName) -> str:
    job = found.job
    match reason:
        case "waits_for_turn":
            more = " or more" if found.ahead == COUNTED_AT_MOST else ""
            return f"Waits for its turn behind {found.ahead}{more} jobs of its lane ({job.lane})"
        case "waits_for_retry":
            return f"Waits until {_time(job.due_at)} to be tried again after {job.error_type}: {job.error_message}"
        case "scheduled":
            return f"Is scheduled for {_time(job.due_at)}"
        case "running":
            return f"Runs since {_time(job.updated_at)} under a lease until {_time(job.lease_until)}"
        case "final":
            return f"Is {job.status} since {_time(job.completed_at)}"


def _time(epoch_s: float | None) -> str:
    return shown(epoch_s or 0.0).isoformat(timespec="seconds").replace("+00:00", "Z")


def _shown(spent: Spent | None) -> StageMilliseconds | None:
    if spent is None:
        return None
    ms = dict(zip(Stage, [_ms(max(0, each)) for each in spent], strict=True))
    return StageMilliseconds(
        delay=ms[Stage.DELAY],
        queue=ms[Stage.QUEUE],
        mailbox=ms[Stage.MAILBOX],
        dns=ms[Stage.DNS],
        connect=ms[Stage.CONNECT],
        tls=ms[Stage.TLS],
        first_byte=ms[Stage.FIRST_BYTE],
        body=ms[Stage.BODY],
        extraction=ms[Stage.EXTRACTION],
        persisting=ms[Stage.PERSISTING],
        memory=ms[Stage.MEMORY],
    )


def _ms(microseconds: float) -> float:
    return round(microseconds / 1e3, 3)
