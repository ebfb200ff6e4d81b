"""A batch: how it stands, and its end before its time."""

from typing import Any

import pytest

from engine.api import batches
from engine.jobs.job import Batch, Job
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from tests.engine.api.conftest import Client
from tests.engine.api.services import NOW
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job

PATH = "/api/v1/batches/batch_1"


def job(number: int) -> Job:
    return a_job(id=f"job_{number}", batch_id="batch_1", created_at=NOW - 60)


def running(number: int) -> Job:
    return job(number).claimed(now=NOW - 20, until=NOW + 10)


def completed(number: int) -> Job:
    return running(number).completed(now=NOW - 10, ran_s=1.0)


def failed(number: int) -> Job:
    return running(number).failed(now=NOW - 10, ran_s=1.0, error_type=ErrorType.TLS, message="a bad certificate")


def put(shelf: Shelf, *jobs: Job, **bounds: Any) -> None:
    shelf.batches["batch_1"] = Batch(id="batch_1", total=len(jobs), created_at=NOW - 60, **bounds)
    for each in jobs:
        shelf.put(each)


async def get(client: Client) -> Any:
    async with client.get(PATH) as response:
        assert response.status == 200
        return await response.json()


async def test_a_batch_shows_what_became_of_its_jobs_and_when_it_will_end(client: Client, shelf: Shelf) -> None:
    others = (a_job(id="job_8"), a_job(id="job_9", batch_id="batch_2"))
    put(shelf, completed(1), failed(2), running(3), job(4), parallel_limit=2, stop_on_error=True)
    for other in others:
        shelf.put(other)
    assert await get(client) == {
        "batch_id": "batch_1",
        "status": "running",
        "total_jobs": 4,
        "counts": {"queued": 1, "running": 1, "completed": 1, "failed": 1, "cancelled": 0},
        "progress": 50,
        "created_at": "2023-11-14T22:12:20Z",
        "estimated_completion": "2023-11-14T22:13:40Z",  # two took 20 s, two are left
        "parallel_limit": 2,
        "stop_on_error": True,
    }


@pytest.mark.parametrize(
    ("jobs", "status", "progress"),
    [
        ([job(1), job(2), job(3)], "queued", 0),
        ([running(1), job(2), job(3)], "running", 0),
        ([job(1), job(2), completed(3)], "running", 33),
        ([job(1), completed(2), job(3).cancelled(now=NOW)], "running", 66),
        ([completed(1), failed(2)], "completed", 100),
        ([failed(1), failed(2)], "failed", 100),
        ([completed(1), failed(2), job(3).cancelled(now=NOW)], "cancelled", 100),
    ],
)
async def test_the_status_of_a_batch_sums_up_its_jobs(
    client: Client, shelf: Shelf, jobs: list[Job], status: str, progress: int
) -> None:
    put(shelf, *jobs)
    answer = await get(client)
    assert (answer["status"], answer["progress"]) == (status, progress)


async def test_a_batch_that_an_error_stopped_has_failed(client: Client, shelf: Shelf) -> None:
    put(shelf, completed(1), failed(2), job(3).cancelled(now=NOW), stop_on_error=True)
    assert (await get(client))["status"] == "failed"


@pytest.mark.parametrize(
    "jobs", [[job(1), running(2)], [job(1), job(2).cancelled(now=NOW)], [completed(1), completed(2)]]
)
async def test_nothing_is_estimated_that_was_not_measured(client: Client, shelf: Shelf, jobs: list[Job]) -> None:
    put(shelf, *jobs)
    assert (await get(client))["estimated_completion"] is None


async def test_jobs_that_were_deleted_are_over(client: Client, shelf: Shelf) -> None:
    put(shelf, completed(1), running(2))
    del shelf.jobs["job_1"]
    answer = await get(client)
    assert (answer["total_jobs"], answer["progress"], answer["status"]) == (2, 50, "running")


async def test_what_is_left_of_a_batch_is_cancelled_in_steps_and_once(
    client: Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "STEP", 2)
    put(shelf, completed(1), running(2), *map(job, range(3, 7)))
    shelf.put(a_job(id="job_9"))
    async with client.delete(PATH) as response:
        assert (response.status, (await response.json())["cancelled"]) == (200, 5)
    assert shelf.steps == [2, 2, 2]
    assert [each.status for each in shelf.jobs.values() if each.status is not Status.CANCELLED] == [
        Status.COMPLETED,
        Status.QUEUED,
    ]
    async with client.delete(PATH) as response:
        assert (response.status, (await response.json())["error"]) == (409, "already_finished")


@pytest.mark.parametrize("path", [PATH, "/api/v1/batches/batch_2/"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_unknown_batch_is_404(client: Client, method: str, path: str) -> None:
    async with client.request(method, path) as response:
        assert (response.status, (await response.json())["error"]) == (404, "unknown_batch")
