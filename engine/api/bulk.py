"""Many jobs at once, by their ids: each is done or said to be left, and why."""

from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field, RootModel

from engine.api.answers import CancelledJobs, DeletedJobs, FailedJob
from engine.api.bodies import read_json
from engine.api.fields import NO_NUL
from engine.api.parameters import Parameters, read_query
from engine.api.rendering import json_answer
from engine.api.services import SERVICES
from engine.jobs.command import CancelMany, DeleteMany, Reached

MOST_IDS = 100
Id = Annotated[str, Field(max_length=100, json_schema_extra=NO_NUL)]


class JobIds(RootModel[Annotated[list[Id], Field(max_length=MOST_IDS)]]):
    """Ids of jobs."""

    model_config = ConfigDict(strict=True, frozen=True)


class CancelQuery(Parameters):
    """Known to clients of old."""

    force: bool = Field(default=False, description="makes no difference: running jobs are cancelled in any case")


class DeleteQuery(Parameters):
    """How far it goes."""

    force: bool = Field(default=False, description="cancels jobs that are not finished, and deletes them too")


async def cancel_jobs(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    read_query(request, CancelQuery)
    asked = await read_json(request, JobIds, services)
    reached = await services.reach(CancelMany(job_ids=tuple(asked.root)))
    failed = _failed(reached, "the job is already finished")
    done = list(reached.job_ids)
    return json_answer(
        CancelledJobs(
            message=_in_words(reached, "cancelled"),
            cancelled_jobs=done,
            failed_jobs=failed,
            total_requested=len(done) + len(failed),
            total_cancelled=len(done),
            total_failed=len(failed),
        )
    )


async def delete_jobs(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    force = read_query(request, DeleteQuery).force
    asked = await read_json(request, JobIds, services)
    reached = await services.reach(DeleteMany(job_ids=tuple(asked.root), force=force))
    failed = _failed(reached, "the job is not finished: cancel it, or use force")
    done = list(reached.job_ids)
    return json_answer(
        DeletedJobs(
            message=_in_words(reached, "deleted"),
            deleted_jobs=done,
            failed_jobs=failed,
            total_requested=len(done) + len(failed),
            total_deleted=len(done),
            total_failed=len(failed),
        )
    )


def _failed(reached: Reached, why: str) -> list[FailedJob]:
    return [
        FailedJob(job_id=job_id, error=why if status is not None else "there is no such job")
        for job_id, status in reached.passed_over.items()
    ]


def _in_words(reached: Reached, done: str) -> str:
    return f"{len(reached.job_ids)} of {len(reached.job_ids) + len(reached.passed_over)} jobs are {done}"
