"""Jobs that failed or were cancelled, put back to start anew: one, some by their ids, or all that a filter finds."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from typing import cast

from aiohttp import web
from pydantic import Field, RootModel

from engine.api.answers import BulkRetryAnswer, FailedJob
from engine.api.bodies import read_document, validated
from engine.api.fields import JobId
from engine.api.listing import JobFilter
from engine.api.rendering import json_answer
from engine.api.services import SERVICES, Services
from engine.api.submits import accepted
from engine.errors import NotRetryableError, UnknownJobError
from engine.jobs.command import Redrive
from engine.jobs.job import Job
from engine.jobs.query import JobQuery
from engine.jobs.status import REDRIVEN, Status

MOST_IDS = 100
MOST_SHOWN = 1000
PAGE = 250
"""Jobs a transaction."""


class RetryIds(RootModel[list[JobId]]):
    """Jobs by their ids."""

    root: list[JobId] = Field(min_length=1, max_length=MOST_IDS)


class BulkRetryRequest(RootModel[RetryIds | JobFilter]):
    """Ids; or a filter, of which failed and cancelled jobs are put back, and no others."""


class Retried:
    """What became of the jobs so far. Ids are kept of the first ones only."""

    def __init__(self) -> None:
        self._retried = self._failed = 0
        self._jobs: list[str] = []
        self._failures: list[FailedJob] = []

    def count(self, job_id: str, before: Job | None) -> None:
        if before is not None and before.status.may_start_anew:
            self._retried += 1
            self._jobs += [job_id][: MOST_SHOWN - len(self._jobs)]
        else:
            self._failed += 1
            failure = FailedJob(job_id=job_id, error=_complaint(before))
            self._failures += [failure][: MOST_SHOWN - len(self._failures)]

    def told(self) -> BulkRetryAnswer:
        return BulkRetryAnswer(
            message=f"{self._retried} jobs are put back and queued",
            retried_jobs=self._jobs,
            failed_jobs=self._failures,
            total_requested=self._retried + self._failed,
            total_retried=self._retried,
            total_failed=self._failed,
        )


async def retry(request: web.Request) -> web.StreamResponse:
    services, job_id = request.app[SERVICES], request.match_info["job_id"]
    (before,) = await _redriven(services, [job_id])
    if before is None:
        raise UnknownJobError
    if not before.status.may_start_anew:
        raise NotRetryableError
    return json_answer(accepted(before, "The job is put back and queued", services), status=202)


async def retry_bulk(request: web.Request) -> web.StreamResponse:
    services, retried = request.app[SERVICES], Retried()
    async for page in _pages(await read_document(request), services):
        for job_id, before in zip(page, await _redriven(services, page), strict=True):
            retried.count(job_id, before)
    return json_answer(retried.told())


async def _redriven(services: Services, job_ids: Sequence[str]) -> Iterable[Job | None]:
    """Each job as it was before."""
    return cast("tuple[Job | None, ...]", await services.commit(Redrive(job_ids=tuple(job_ids))))


async def _pages(document: object, services: Services) -> AsyncIterator[Sequence[str]]:
    """Ids of jobs to put back, as many as one transaction takes."""
    if isinstance(document, list):
        yield list(dict.fromkeys(validated(RetryIds, document, services=services).root))
        return
    query = _query(validated(JobFilter, document, services=services), now=services.wall())
    while query.statuses:
        jobs = (await services.store.find(query)).jobs
        if not jobs:
            return
        yield [job.id for job in jobs]
        query = replace(query, after=(jobs[-1].created_at, jobs[-1].id))


def _query(asked: JobFilter, *, now: float) -> JobQuery:
    """In the order of creation, and none that comes later: a job that fails again meanwhile is not met again."""
    statuses = tuple(status for status in map(Status, asked.status or REDRIVEN) if status.may_start_anew)
    until = now if asked.date_to is None else min(asked.date_to, now)
    return replace(asked.chosen(), statuses=statuses, date_to=until, descending=False, limit=PAGE)


def _complaint(before: Job | None) -> str:
    if before is None:
        return str(UnknownJobError())
    return f"The job is {before.status}; only failed and cancelled ones are put back."
