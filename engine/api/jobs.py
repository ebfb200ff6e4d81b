"""One job: how it stands, and its end before its time."""

from functools import partial

from aiohttp import web
from orjson import OPT_UTC_Z
from pydantic import Field

from engine.api.answers import JobResult, JobStatus, Message
from engine.api.dates import shown, shown_if
from engine.api.keeping import UNKNOWN_S, Loaded
from engine.api.long import KEPT, streamed, written
from engine.api.parameters import Parameters, read_query
from engine.api.rendering import json_answer, rendered
from engine.api.results import is_long, result_of
from engine.api.services import SERVICES, Services
from engine.api.written import JSON, Written
from engine.errors import AlreadyFinishedError, UnknownJobError
from engine.jobs.command import Cancel
from engine.jobs.job import Job
from engine.jobs.keys import STATUS
from engine.jobs.query import Result
from engine.jobs.status import Status
from engine.runtime import Aborted


class StatusQuery(Parameters):
    """How patient the client is."""

    wait: float = Field(0, ge=0, le=60, allow_inf_nan=False, description="seconds to wait for the job's end")


async def status(request: web.Request) -> web.StreamResponse:
    services, job_id = request.app[SERVICES], request.match_info["job_id"]
    wait_s = read_query(request, StatusQuery).wait if request.query_string else 0.0
    answer = await (_awaited(job_id, wait_s, services) if wait_s else kept_status(job_id, services))
    if not answer:
        raise UnknownJobError
    if answer != KEPT:
        return Written(answer, status=200)
    found = await services.store.result(job_id)
    if found is None:
        raise UnknownJobError
    return await streamed(request, written(_whole(found, services), OPT_UTC_Z), {"Content-Type": JSON})


async def kept_status(job_id: str, services: Services) -> bytes:
    """The answer; empty if there is no such job, KEPT if it is a long one."""
    return await services.keeping.jobs.read(f"{STATUS}:{job_id}", partial(_status, job_id, services))


async def cancel(request: web.Request) -> web.StreamResponse:
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


async def _status(job_id: str, services: Services) -> Loaded:
    found = await services.store.result(job_id)
    if found is None:
        return b"", UNKNOWN_S
    if not found.job.status.is_final:
        services.keeping.asked(job_id)
    answer = _whole(found, services)
    is_short = answer["result"] is None or not is_long(answer["result"])
    return rendered(answer) if is_short else KEPT, services.keeping.lasts_s(found, services.now())


async def _awaited(job_id: str, wait_s: float, services: Services) -> bytes:
    """The answer once the job is final, or as it is when time is up or the service stops; never a kept one."""
    try:
        with services.closing.cuts():
            await services.store.wait_until_final(job_id, wait_s)
    except Aborted:
        pass
    answer, _ = await _status(job_id, services)
    return answer


def _whole(found: Result, services: Services) -> JobStatus:
    """With its result, if it has one."""
    has_result = found.job.status is Status.COMPLETED and not found.is_pruned
    return status_of(found.job, result=result_of(found, services) if has_result else None)


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
