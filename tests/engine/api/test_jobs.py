"""One job: its status, the wait for its end, its end before its time."""

import asyncio
from typing import Any

import pytest

from engine.api import Services
from engine.jobs.job import Job
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from tests.engine.api.conftest import Client
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job, a_page

RUNNING = a_job().claimed(now=200.0, until=230.0)
RETRYING = RUNNING.retrying(now=201.0, due_at=210.0, ran_s=1.0, error_type=ErrorType.DNS, message="no such host")
FAILED = RUNNING.failed(now=202.0, ran_s=1.0, error_type=ErrorType.TLS, message="a bad certificate")


async def get(client: Client, path: str) -> tuple[int, Any]:
    async with client.get(f"/api/v1/scrape/{path}") as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("job", "shown"),
    [
        (a_job(), ("queued", 0, "Waits for its turn", 0, None, None)),
        (
            a_job(due_at=4000.0),
            ("queued", 0, "Waits until 1970-01-01T01:06:40Z, when it is to run", 0, "1970-01-01T01:06:40Z", None),
        ),
        (RUNNING, ("running", 0, "Is being fetched", 0, None, None)),
        (
            RETRYING,
            ("queued", 0, "Waits until 1970-01-01T00:03:30Z to be tried again", 0, "1970-01-01T00:03:30Z", "dns"),
        ),
        (RETRYING.claimed(now=211.0, until=240.0), ("running", 0, "Is being fetched", 1, None, "dns")),
        (FAILED, ("failed", 100, "Has failed", 0, None, "tls")),
        (a_job().cancelled(now=201.0), ("cancelled", 100, "Was cancelled", 0, None, "cancelled")),
        (RUNNING.completed(now=201.0, ran_s=1.0), ("completed", 100, "Is completed", 0, None, None)),
    ],
)
async def test_a_status_says_in_words_what_the_job_waits_for(
    client: Client, shelf: Shelf, job: Job, shown: tuple[object, ...]
) -> None:
    shelf.put(job)
    names = ("status", "progress", "progress_message", "retry_count", "next_attempt_at", "error_type")
    status, answer = await get(client, job.id)
    assert (status, tuple(answer[name] for name in names)) == (200, shown)


async def test_a_status_shows_the_whole_job(client: Client, shelf: Shelf) -> None:
    shelf.put(a_job(tags=("one",), priority=5, batch_id="batch_1"))
    assert await get(client, "job_1/") == (
        200,
        {
            "job_id": "job_1",
            "task_id": "job_1",
            "status": "queued",
            "progress": 0,
            "progress_message": "Waits for its turn",
            "url": "http://site.test/",
            "method": "GET",
            "scraper_type": "http",
            "created_at": "1970-01-01T00:01:40Z",
            "started_at": None,
            "completed_at": None,
            "result": None,
            "error_message": None,
            "retry_count": 0,
            "tags": ["one"],
            "priority": 5,
            "batch_id": "batch_1",
            "error_type": None,
            "next_attempt_at": None,
        },
    )


async def test_the_status_of_a_completed_job_has_its_result(client: Client, shelf: Shelf) -> None:
    shelf.put(RUNNING.completed(now=201.0, ran_s=1.0), a_page(body=b"hello", size=5))
    _, answer = await get(client, "job_1")
    _, result = await get(client, "job_1/result")
    assert answer["result"] == result
    assert result["content"] == "hello"


@pytest.mark.parametrize(("wait", "waited"), [("0", []), ("60", [60.0]), ("0.5", [0.5])])
async def test_a_client_may_wait_for_the_end(client: Client, shelf: Shelf, wait: str, waited: list[float]) -> None:
    shelf.put(a_job())
    assert (await get(client, f"job_1?wait={wait}"))[0] == 200
    assert shelf.waits == waited


@pytest.mark.parametrize("query", ["wait=61", "wait=-1", "wait=nan", "wait=x", "wait=", "wait=1&wait=2", "weight=1"])
async def test_no_other_patience_is_known(client: Client, shelf: Shelf, query: str) -> None:
    shelf.put(a_job())
    assert (await get(client, f"job_1?{query}"))[0] == 422


@pytest.mark.parametrize("job_id", ["job_2", "1", "job_%00", "job_" + "a" * 100, "job_1'--", "%F0%9F%98%80"])
@pytest.mark.parametrize("path", ["", "/result", "/download"])
async def test_what_is_no_job_is_404(client: Client, shelf: Shelf, job_id: str, path: str) -> None:
    shelf.put(a_job())
    assert (await get(client, job_id + path))[0] == 404


@pytest.mark.parametrize("job", [a_job(), RUNNING, RETRYING])
async def test_what_is_not_finished_is_cancelled_once(client: Client, shelf: Shelf, job: Job) -> None:
    shelf.put(job)
    async with client.delete("/api/v1/scrape/job_1") as response:
        assert (response.status, list(await response.json())) == (200, ["message"])
    assert shelf.jobs["job_1"].status is Status.CANCELLED
    async with client.delete("/api/v1/scrape/job_1") as response:
        assert (response.status, (await response.json())["error"]) == (409, "already_finished")


async def test_what_is_unknown_is_not_cancelled(client: Client) -> None:
    async with client.delete("/api/v1/scrape/job_1") as response:
        assert (response.status, (await response.json())["error"]) == (404, "unknown_job")


async def test_a_wait_ends_at_once_when_the_service_stops_with_the_job_as_it_is(
    client: Client, shelf: Shelf, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def for_ever(job_id: str, timeout_s: float) -> None:
        assert (job_id, timeout_s) == ("job_1", 60)
        asyncio.get_running_loop().call_soon(services.closing.begin)
        await asyncio.Event().wait()

    shelf.put(RUNNING)
    monkeypatch.setattr(shelf, "wait_until_final", for_ever)
    for _ in range(2):
        status, answer = await get(client, "job_1?wait=60")
        assert (status, answer["status"]) == (200, "running")
