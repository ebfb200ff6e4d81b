"""Jobs come in: one, or many at once. The answer leaves when they are on the disk."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson
from aiohttp import web

from engine.api.answers import BulkAnswer, ScrapeAnswer
from engine.api.bodies import document_of, read_body, validated
from engine.api.dates import shown
from engine.api.idempotency import REPLAYED, commit_once, key_of, once_of
from engine.api.rendering import json_answer, rendered
from engine.api.requests import BulkScrapeRequest, ScrapeRequest
from engine.api.services import SERVICES, Services
from engine.api.visit import VISIT, Visit
from engine.api.written import Written
from engine.errors import MemoryShortError
from engine.jobs.command import SUBMITS, Submit
from engine.jobs.job import Batch, Job, submitted
from engine.jobs.trace import TraceContext

QUEUED = "The job is accepted and queued"
JUMP_S = 1.0
"""Less than that between two clocks is drift, and a time is kept as it was written."""


async def submit(request: web.Request) -> web.StreamResponse:
    visit = request[VISIT]
    services, key = _taking(visit), key_of(request)
    raw = await read_body(request)
    asked = validated(ScrapeRequest, document_of(raw), services=services)
    job = job_of(asked, services, now=services.now(), trace=visit.trace)
    visit.job_id = job.id
    command, answer = SUBMITS.one((job,), None, None), accepted(job, QUEUED, services, asked.warnings())
    if key is not None:
        body, headers = await _once(request, raw, key, command, rendered(answer))
        visit.job_id = job_id = orjson.loads(body)["job_id"]
        return Written(body, status=202, headers={**headers, **_location(job_id)})
    await services.commit(command)
    return Written(rendered(answer), status=202, headers=_location(job.id))


async def submit_bulk(request: web.Request) -> web.StreamResponse:
    visit = request[VISIT]
    services, key, trace = _taking(visit), key_of(request), visit.trace
    raw = await read_body(request)
    asked = validated(BulkScrapeRequest, document_of(raw), services=services)
    now = services.now()
    batch = Batch(
        id=services.ids.batch(),
        total=len(asked.jobs),
        created_at=now,
        parallel_limit=asked.parallel_limit,
        stop_on_error=asked.stop_on_error,
    )
    jobs = tuple(job_of(each, services, now=now, batch_id=batch.id, trace=trace) for each in asked.jobs)
    command, answer = Submit(jobs=jobs, batch=batch), _accepted_batch(batch, jobs, asked)
    if key is not None:
        body, headers = await _once(request, raw, key, command, rendered(answer))
        return Written(body, status=202, headers=headers)
    await services.commit(command)
    return json_answer(answer, status=202)


def _taking(visit: Visit) -> Services:
    """Raises MemoryShortError before anything of the body is looked at."""
    services = visit.services
    if not services.pressure.is_admitting:
        raise MemoryShortError
    return services


def job_of(
    asked: ScrapeRequest,
    services: Services,
    *,
    now: float,
    batch_id: str | None = None,
    trace: TraceContext | None = None,
) -> Job:
    return submitted(
        job_id=services.ids.job(),
        request=asked.request(services.options, trace),
        now=now,
        scraper_type=asked.scraper_type,
        priority=asked.priority,
        tags=tuple(asked.tags),
        batch_id=batch_id,
        due_at=None if asked.run_at is None else _due_at(asked.run_at, services.wall(), services.now()),
    )


def _due_at(run_at: float, wall: float, now: float) -> float | None:
    """In the store's time: who submits reads the wall clock, which may have jumped since."""
    if run_at <= wall:
        return None
    jumped_s = now - wall
    return run_at + jumped_s if abs(jumped_s) > JUMP_S else run_at


def accepted(job: Job, message: str, services: Services, warnings: Sequence[str] = ()) -> ScrapeAnswer:
    return ScrapeAnswer(
        job_id=job.id,
        task_id=job.id,
        status="queued",
        message=message,
        created_at=shown(job.created_at),
        estimated_completion=_ends_at(job, services),
        warnings=list(warnings),
    )


def _ends_at(job: Job, services: Services) -> datetime | None:
    """About when, by the measured rate; None until one was measured."""
    wait_s = services.figures.wait_s()
    return None if wait_s is None else shown(max(job.due_at or 0.0, services.now()) + wait_s)


async def _once(
    request: web.Request, raw: bytes, key: str, command: Submit, answer: bytes
) -> tuple[bytes, Mapping[str, str]]:
    """The answer, or that of the submit which this one repeats."""
    asked = once_of(key=key, route=request.path.rstrip("/"), raw=raw, answer=answer)
    before = await commit_once(request.app[SERVICES], command, asked)
    return (answer, {}) if before is None else (before.encode(), {REPLAYED: "true"})


def _location(job_id: str) -> Mapping[str, str]:
    return {"Location": f"/api/v1/scrape/{job_id}"}


def _accepted_batch(batch: Batch, jobs: tuple[Job, ...], asked: BulkScrapeRequest) -> BulkAnswer:
    return BulkAnswer(
        batch_id=batch.id,
        job_ids=[job.id for job in jobs],
        total_jobs=batch.total,
        status="queued",
        created_at=shown(batch.created_at),
        warnings=sorted({warning for each in asked.jobs for warning in each.warnings()}),
    )
