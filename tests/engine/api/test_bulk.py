"""Many jobs at once: those that can be are, and of each other one it is said why not."""

from typing import Any

import pytest

from engine.jobs.status import Status
from tests.engine.api.conftest import Client
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job

CANCEL, DELETE = ("POST", "/api/v1/jobs/bulk/cancel"), ("DELETE", "/api/v1/jobs/bulk")
UNKNOWN = "there is no such job"
ASKED = ["job_d", "job_x", "job_q", "job_r", "job_q"]


@pytest.fixture(autouse=True)
def jobs(shelf: Shelf) -> None:
    running = a_job(id="job_r").claimed(now=200.0, until=230.0)
    done = a_job(id="job_d").claimed(now=200.0, until=230.0).completed(now=201.0, ran_s=1.0)
    for job in (a_job(id="job_q"), running, done):
        shelf.put(job)


async def ask(client: Client, way: tuple[str, str], body: object, query: str = "") -> tuple[int, Any]:
    async with client.request(way[0], way[1] + query, json=body) as response:
        return response.status, await response.json()


@pytest.mark.parametrize("query", ["", "?force=true", "?force=false"])
async def test_what_is_not_finished_is_cancelled(client: Client, shelf: Shelf, query: str) -> None:
    assert await ask(client, CANCEL, ASKED, query) == (
        200,
        {
            "message": "2 of 4 jobs are cancelled",
            "cancelled_jobs": ["job_q", "job_r"],
            "failed_jobs": [
                {"job_id": "job_d", "error": "the job is already finished"},
                {"job_id": "job_x", "error": UNKNOWN},
            ],
            "total_requested": 4,
            "total_cancelled": 2,
            "total_failed": 2,
        },
    )
    assert shelf.jobs["job_r"].status is Status.CANCELLED


async def test_what_is_finished_is_deleted(client: Client, shelf: Shelf) -> None:
    unfinished = "the job is not finished: cancel it, or use force"
    assert await ask(client, DELETE, ASKED) == (
        200,
        {
            "message": "1 of 4 jobs are deleted",
            "deleted_jobs": ["job_d"],
            "failed_jobs": [
                {"job_id": "job_x", "error": UNKNOWN},
                {"job_id": "job_q", "error": unfinished},
                {"job_id": "job_r", "error": unfinished},
            ],
            "total_requested": 4,
            "total_deleted": 1,
            "total_failed": 3,
        },
    )
    assert set(shelf.jobs) == {"job_q", "job_r"}


async def test_with_force_all_are_deleted(client: Client, shelf: Shelf) -> None:
    status, answer = await ask(client, DELETE, ASKED, "?force=true")
    assert (status, answer["total_deleted"], answer["total_failed"]) == (200, 3, 1)
    assert shelf.jobs == {}


@pytest.mark.parametrize("way", [CANCEL, DELETE])
async def test_of_nothing_nothing_is_done(client: Client, way: tuple[str, str]) -> None:
    status, answer = await ask(client, way, [])
    assert (status, answer["total_requested"], answer["failed_jobs"]) == (200, 0, [])


@pytest.mark.parametrize("way", [CANCEL, DELETE])
@pytest.mark.parametrize(
    ("body", "query"),
    [
        (["job_q"] * 101, ""),
        ({"job_ids": ["job_q"]}, ""),
        ("job_q", ""),
        ([7], ""),
        (["a" * 101], ""),
        (["nul \0"], ""),
        (["job_q"], "?force=perhaps"),
        (["job_q"], "?strength=1"),
    ],
)
async def test_what_is_no_list_of_ids_is_refused(
    client: Client, way: tuple[str, str], body: object, query: str
) -> None:
    assert (await ask(client, way, body, query))[0] == 422
