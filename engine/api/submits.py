"""Jobs come in: one, or many at once. The answer leaves when they are on the disk."""

from aiohttp import web

from engine.api.answers import BulkAnswer, ScrapeAnswer
from engine.api.bodies import BULK_LIMIT, read_json
from engine.api.dates import shown
from engine.api.errors import BadRequestError
from engine.api.rendering import json_answer
from engine.api.requests import BulkScrapeRequest, ScrapeRequest
from engine.api.services import SERVICES, Services
from engine.jobs.command import Submit
from engine.jobs.job import Batch, Job


async def submit(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    _refuse_idempotency(request)
    asked = await read_json(request, ScrapeRequest, services)
    job = _job(asked, services, now=services.wall())
    await services.commit(Submit(jobs=(job,)))
    return json_answer(_accepted(job, asked), status=202, headers={"Location": f"/api/v1/scrape/{job.id}"})


async def submit_bulk(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    _refuse_idempotency(request)
    asked = await read_json(request.clone(client_max_size=BULK_LIMIT), BulkScrapeRequest, services)
    now = services.wall()
    batch = Batch(
        id=services.ids.batch(),
        total=len(asked.jobs),
        created_at=now,
        parallel_limit=asked.parallel_limit,
        stop_on_error=asked.stop_on_error,
    )
    jobs = tuple(_job(each, services, now=now, batch_id=batch.id) for each in asked.jobs)
    await services.commit(Submit(jobs=jobs, batch=batch))
    return json_answer(_accepted_batch(batch, jobs, asked), status=202)


def _refuse_idempotency(request: web.Request) -> None:
    """Nobody may believe that a request sent twice is one job."""
    if "Idempotency-Key" in request.headers:
        raise BadRequestError("Idempotency-Key is not built in yet")


def _job(asked: ScrapeRequest, services: Services, *, now: float, batch_id: str | None = None) -> Job:
    return Job(
        id=services.ids.job(),
        request=asked.request(services.options),
        created_at=now,
        updated_at=now,
        scraper_type=asked.scraper_type,
        priority=asked.priority,
        tags=tuple(asked.tags),
        batch_id=batch_id,
        due_at=asked.run_at if asked.run_at is not None and asked.run_at > now else None,
    )


def _accepted(job: Job, asked: ScrapeRequest) -> ScrapeAnswer:
    return ScrapeAnswer(
        job_id=job.id,
        task_id=job.id,
        status="queued",
        message="The job is accepted and queued",
        created_at=shown(job.created_at),
        estimated_completion=None,
        warnings=list(asked.warnings()),
    )


def _accepted_batch(batch: Batch, jobs: tuple[Job, ...], asked: BulkScrapeRequest) -> BulkAnswer:
    return BulkAnswer(
        batch_id=batch.id,
        job_ids=[job.id for job in jobs],
        total_jobs=batch.total,
        status="queued",
        created_at=shown(batch.created_at),
        warnings=sorted({warning for each in asked.jobs for warning in each.warnings()}),
    )
