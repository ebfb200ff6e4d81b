"""One job: how it stands, and its end before its time."""

from aiohttp import web
from pydantic import Field

from engine.api.answers import JobResult, JobStatus, Message
from engine.api.dates import shown, shown_if
from engine.api.parameters import Parameters, read_query
from engine.api.rendering import json_answer
from engine.api.results import result_of
from engine.api.services import SERVICES, Services
from engine.errors import AlreadyFinishedError, UnknownJobError
from engine.jobs.command import Cancel
from engine.jobs.job import Job
from engine.jobs.status import Status
from engine.runtime import Aborted


class StatusQuery(Parameters):
    """How patient the client is."""

    wait: float = Field(0, ge=0, le=60, allow_inf_nan=False, description="seconds to wait for the job's end")


async def status(request: web.Request) -> web.Response:
    services, job_id = request.app[SERVICES], request.match_info["job_id"]
    wait_s = read_query(request, StatusQuery).wait if request.query_string else 0.0
    job = await (_awaited(job_id, wait_s, services) if wait_s else services.store.get(job_id))
    if job is None:
        raise UnknownJobError
    result = await _result(job, services) if job.status is Status.COMPLETED else None
    return json_answer(status_of(job, result=result))


async def cancel(request: web.Request) -> web.Response:
    services, job_id = request.app[SERVICES], request.match_info["job_id"]
    before = await services.store.get(job_id)
    if before is None:
        raise UnknownJobError
    job = None if before.status.is_final else await services.commit(Cancel(job_id=job_id))
    if not isinstance(job, Job) or job.status is not Status.CANCELLED:
        raise AlreadyFinishedError
    return json_answer(Message(message=f"Job {job_id} is cancelled"))


def status_of(job: Job, *, result: JobResult | None = None) -> JobStatus:
    return JobStatus(
        job_id=job.id,
        task_id=job.id,
        status=job.status.value,
        progress=100 if job.status.is_final else 0,
        progress_message=_in_words(job),
        url=job.request.url,
        method=job.request.method,
        scraper_type=job.scraper_type,
        created_at=shown(job.created_at),
        started_at=shown_if(job.started_at),
        completed_at=shown_if(job.completed_at),
        result=result,
        error_message=job.error_message,
        retry_count=_retries(job),
        tags=list(job.tags),
        priority=job.priority,
        batch_id=job.batch_id,
        error_type=job.error_type,
        next_attempt_at=shown_if(job.due_at),
    )


async def _awaited(job_id: str, wait_s: float, services: Services) -> Job | None:
    """The job once it is final, or as it is when time is up or the service stops."""
    try:
        with services.closing.cuts():
            return await services.store.wait_until_final(job_id, wait_s)
    except Aborted:
        return await services.store.get(job_id)


async def _result(job: Job, services: Services) -> JobResult | None:
    found = await services.store.result(job.id)
    return await result_of(found, services) if found is not None and not found.is_pruned else None


def _retries(job: Job) -> int:
    """Attempts begun after the first."""
    begun = job.attempts + (job.status is Status.RUNNING)
    return max(begun - 1, 0)


def _in_words(job: Job) -> str:
    if job.status is not Status.QUEUED:
        return PROGRESS[job.status]
    if job.due_at is None:
        return "Waits for its turn"
    due = shown(job.due_at).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"Waits until {due} to be tried again" if job.attempts else f"Waits until {due}, when it is to run"


PROGRESS = {
    Status.RUNNING: "Is being fetched",
    Status.COMPLETED: "Is completed",
    Status.FAILED: "Has failed",
    Status.CANCELLED: "Was cancelled",
}
