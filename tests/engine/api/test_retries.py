"""Putting jobs back: one, some by their ids, or all that a filter finds."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from engine.api import build_app, retries
from engine.jobs.command import Command, Submit
from engine.jobs.job import Job
from engine.jobs.outcome import ErrorType
from engine.jobs.ports import Answer, JobStore
from engine.jobs.query import JobQuery
from engine.jobs.status import Status
from tests.contracts.jobs import done, new_job
from tests.contracts.jobs import failed as failure
from tests.contracts.stores import STORES, Hand
from tests.engine.api.conftest import Client
from tests.engine.api.services import NOW, the_services
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job

RUNNING = a_job().claimed(now=200.0, until=230.0)
FAILED = RUNNING.failed(now=202.0, ran_s=1.0, error_type=ErrorType.TLS, message="a bad certificate")
CANCELLED = RUNNING.cancelled(now=201.0)
DONE = RUNNING.completed(now=201.0, ran_s=1.0)


async def post(client: Client, path: str, body: Any = None) -> tuple[int, Any]:
    async with client.post(f"/api/v1{path}", json=body) as answer:
        return answer.status, await answer.json()


def failed(number: int, **changes: Any) -> Job:
    job = a_job(id=f"job_{number:04}", created_at=100.0 + number, **changes).claimed(now=200.0, until=230.0)
    return job.failed(now=202.0, ran_s=1.0, error_type=ErrorType.TLS, message="no")


@pytest.mark.parametrize("job", [FAILED, CANCELLED])
async def test_a_job_that_failed_or_was_cancelled_is_put_back(client: Client, shelf: Shelf, job: Job) -> None:
    shelf.put(job)
    assert await post(client, "/scrape/job_1/retry") == (
        202,
        {
            "job_id": "job_1",
            "task_id": "job_1",
            "status": "queued",
            "message": "The job is put back and queued",
            "created_at": "1970-01-01T00:01:40Z",
            "estimated_completion": None,
            "warnings": [],
        },
    )
    assert (shelf.jobs["job_1"].status, shelf.jobs["job_1"].attempts) == (Status.QUEUED, 0)


@pytest.mark.parametrize("job", [a_job(), RUNNING, DONE])
async def test_others_are_409_and_stay_as_they_are(client: Client, shelf: Shelf, job: Job) -> None:
    shelf.put(job)
    status, told = await post(client, "/scrape/job_1/retry/")
    assert (status, told["error"]) == (409, "not_retryable")
    assert shelf.jobs["job_1"] == job


async def test_the_unknown_is_404(client: Client) -> None:
    status, told = await post(client, "/scrape/job_1/retry")
    assert (status, told["error"]) == (404, "unknown_job")


async def test_of_some_by_their_ids_each_is_told_once(client: Client, shelf: Shelf) -> None:
    shelf.put(failed(1))
    shelf.put(failed(2))
    shelf.put(DONE)
    asked = ["job_0001", "job_none", "job_1", "job_0002", "job_0001"]
    assert await post(client, "/jobs/bulk/retry", asked) == (
        200,
        {
            "message": "2 jobs are put back and queued",
            "retried_jobs": ["job_0001", "job_0002"],
            "failed_jobs": [
                {"job_id": "job_none", "error": "There is no such job."},
                {"job_id": "job_1", "error": "The job is completed; only failed and cancelled ones are put back."},
            ],
            "total_requested": 4,
            "total_retried": 2,
            "total_failed": 2,
        },
    )


async def test_a_filter_goes_through_all_that_it_finds_page_by_page(
    client: Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "PAGE", 3)
    monkeypatch.setattr(retries, "MOST_SHOWN", 5)
    for number in range(10):
        shelf.put(failed(number))
    status, told = await post(client, "/jobs/bulk/retry", {"scraper_type": ["cloudscraper"], "query": "site"})
    assert (status, told["total_requested"], told["total_retried"], told["total_failed"]) == (200, 10, 10, 0)
    assert told["retried_jobs"] == [f"job_{number:04}" for number in range(5)]
    assert {job.status for job in shelf.jobs.values()} == {Status.QUEUED}
    assert [query.after for query in shelf.queries] == [None] + [(100.0 + n, f"job_{n:04}") for n in (2, 5, 8, 9)]
    assert {(query.limit, query.descending, query.date_to) for query in shelf.queries} == {(3, False, NOW)}
    assert {(query.url_contains, query.scraper_types) for query in shelf.queries} == {("site", ("http",))}


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_over_a_store_a_filter_puts_back_what_it_names_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(retries, "PAGE", 7)
    async with STORES[kind](tmp_path, Hand()) as store:
        tags = (("red",), ("blue",))
        await store.commit([Submit(jobs=tuple(new_job(number, tags=tags[number % 2]) for number in range(60)))])
        leases = await store.claim(50, owner="me", lease_s=30.0)
        await store.settle([(failure, failure, done)[at % 3](lease) for at, lease in enumerate(leases)])
        red = await store.find(JobQuery(statuses=(Status.FAILED,), tags=("red",), limit=100))
        before = await store.counts()
        services = the_services(Shelf(), store=store, commit=partial(_committed, store), wall=lambda: NOW + 100)
        async with TestClient(TestServer(build_app(services))) as client:
            status, told = await post(client, "/jobs/bulk/retry", {"tags": ["red"]})
        assert (status, told["total_retried"], told["total_failed"]) == (200, red.total, 0)
        assert sorted(told["retried_jobs"]) == sorted(job.id for job in red.jobs)
        after = await store.counts()
        assert after[Status.QUEUED] - before[Status.QUEUED] == before[Status.FAILED] - after[Status.FAILED] == red.total
        assert after[Status.FAILED] > 0


async def _committed(store: JobStore, command: Command) -> Answer:
    (answer,) = await store.commit([command])
    return answer


@pytest.mark.parametrize(
    ("asked", "statuses"),
    [
        ({}, [(Status.FAILED, Status.CANCELLED)]),
        ({"status": ["completed", "cancelled", "queued"]}, [(Status.CANCELLED,)]),
        ({"status": ["completed"]}, []),
    ],
)
async def test_a_filter_finds_failed_and_cancelled_jobs_only(
    client: Client, shelf: Shelf, asked: Any, statuses: Any
) -> None:
    status, told = await post(client, "/jobs/bulk/retry", asked)
    assert (status, told["total_requested"]) == (200, 0)
    assert [query.statuses for query in shelf.queries] == statuses


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ([], ""),
        (["job_1"] * 101, ""),
        (["job_1", "x"], "1"),
        ([1], "0"),
        ({"page": 2}, "page"),
        ({"page_size": 5}, "page_size"),
        ({"sort_by": "priority"}, "sort_by"),
        ({"status": ["gone"]}, "status.0"),
        ({"nonsense": 1}, "nonsense"),
        ("job_1", ""),
    ],
)
async def test_what_cannot_be_asked_is_named_and_nothing_is_put_back(
    client: Client, shelf: Shelf, asked: Any, field: str
) -> None:
    shelf.put(FAILED)
    async with client.post("/api/v1/jobs/bulk/retry", json=asked) as answer:
        told = await answer.json()
    assert (answer.status, [each["field"] for each in told["details"] or ()]) == (422, [field])
    assert shelf.jobs["job_1"] == FAILED
