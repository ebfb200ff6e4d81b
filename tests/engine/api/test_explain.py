"""Why a job waits, when it may start, and where its time went."""

from typing import Any

import pytest

from engine.api import Services
from engine.api.answers import StageMilliseconds
from engine.jobs.job import Job
from engine.jobs.outcome import ErrorType
from engine.jobs.query import COUNTED_AT_MOST, Explanation
from engine.jobs.stages import Stage
from tests.engine.api.conftest import Client
from tests.engine.api.services import NOW
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job

RUNNING = a_job().claimed(now=200.0, until=230.0)
RETRYING = RUNNING.retrying(now=201.0, due_at=210.0, ran_s=1.0, error_type=ErrorType.DNS, message="no such host")
COMPLETED = RUNNING.completed(now=201.5, ran_s=1.0)
SPENT = tuple(range(0, 1500 * len(Stage), 1500))
MILLISECONDS = {stage: 1.5 * place for place, stage in enumerate(Stage)}


async def explained(client: Client, job_id: str = "job_1") -> Any:
    async with client.get(f"/api/v1/scrape/{job_id}/explain") as response:
        assert response.status == 200
        return await response.json()


@pytest.mark.parametrize(
    ("job", "reason", "message"),
    [
        (a_job(), "waits_for_turn", "Waits for its turn behind 12 jobs of its lane (site.test)"),
        (a_job(due_at=4000.0), "scheduled", "Is scheduled for 1970-01-01T01:06:40Z"),
        (
            RETRYING,
            "waits_for_retry",
            "Waits until 1970-01-01T00:03:30Z to be tried again after dns: no such host",
        ),
        (RETRYING.promoted(), "waits_for_turn", "Waits for its turn behind 12 jobs of its lane (site.test)"),
        (RUNNING, "running", "Runs since 1970-01-01T00:03:20Z under a lease until 1970-01-01T00:03:50Z"),
        (COMPLETED, "final", "Is completed since 1970-01-01T00:03:21Z"),
        (a_job().cancelled(now=201.0), "final", "Is cancelled since 1970-01-01T00:03:21Z"),
    ],
)
async def test_the_reason_is_named_and_told_in_words(
    client: Client, shelf: Shelf, job: Job, reason: str, message: str
) -> None:
    shelf.put(job)
    shelf.explanations[job.id] = Explanation(job=job, ahead=12, before=30)
    answer = await explained(client)
    assert (answer["reason"], answer["message"]) == (reason, message)
    assert answer["jobs_ahead"] == (12 if reason == "waits_for_turn" else None)
    assert answer["status"] == job.status


async def test_a_long_lane_is_not_counted_to_its_end(client: Client, shelf: Shelf) -> None:
    shelf.put(a_job())
    shelf.explanations["job_1"] = Explanation(job=a_job(), ahead=COUNTED_AT_MOST)
    assert "behind 10001 or more jobs" in (await explained(client))["message"]


@pytest.mark.parametrize(
    ("job", "rate", "start"),
    [
        (a_job(), 2.0, "2023-11-14T22:13:35Z"),
        (a_job(), None, None),
        (a_job(), 0.0, None),
        (a_job(due_at=NOW + 7), 2.0, "2023-11-14T22:13:35Z"),
        (a_job(due_at=NOW + 60), 2.0, "2023-11-14T22:14:20Z"),
        (a_job(due_at=NOW + 60), None, None),
        (RUNNING, 2.0, None),
        (COMPLETED, 2.0, None),
    ],
)
async def test_a_start_is_estimated_from_what_goes_before_at_the_measured_rate(
    client: Client, shelf: Shelf, services: Services, job: Job, rate: float | None, start: str | None
) -> None:
    services.figures.rate = rate  # type: ignore[attr-defined]  # the tests' own
    shelf.put(job)
    shelf.explanations[job.id] = Explanation(job=job, before=30)
    assert (await explained(client))["estimated_start"] == start


async def test_the_stages_are_told_in_milliseconds(client: Client, shelf: Shelf) -> None:
    shelf.put(COMPLETED)
    total = tuple(2 * each for each in SPENT)
    shelf.explanations["job_1"] = Explanation(job=COMPLETED, last=SPENT, total=total)
    answer = await explained(client)
    assert answer["last_attempt_ms"] == MILLISECONDS
    assert answer["all_attempts_ms"] == {stage: 2 * took for stage, took in MILLISECONDS.items()}
    assert answer["total_ms"] == 101_500.0
    assert answer["unaccounted_ms"] == 101_500.0 - sum(answer["all_attempts_ms"].values())


def test_every_stage_is_told() -> None:
    assert list(StageMilliseconds.__annotations__) == list(Stage)


async def test_before_its_end_a_job_has_no_total(client: Client, shelf: Shelf) -> None:
    shelf.put(RETRYING)
    shelf.explanations["job_1"] = Explanation(job=RETRYING, last=SPENT, total=SPENT)
    answer = await explained(client)
    assert (answer["total_ms"], answer["unaccounted_ms"]) == (None, None)
    assert answer["last_attempt_ms"] == MILLISECONDS


async def test_of_what_was_never_fetched_no_stage_is_told(client: Client, shelf: Shelf) -> None:
    shelf.put(a_job().cancelled(now=201.0))
    answer = await explained(client)
    assert (answer["last_attempt_ms"], answer["all_attempts_ms"], answer["unaccounted_ms"]) == (None, None, None)
    assert answer["total_ms"] == 101_000.0


async def test_clocks_that_differ_make_no_time_less_than_none(client: Client, shelf: Shelf) -> None:
    ended = a_job(created_at=300.0).cancelled(now=201.0)
    shelf.put(ended)
    shelf.explanations["job_1"] = Explanation(job=ended, last=(-5,) * len(Stage), total=SPENT)
    answer = await explained(client)
    assert answer["total_ms"] == 0
    assert set(answer["last_attempt_ms"].values()) == {0}


async def test_an_unknown_job_is_404(client: Client) -> None:
    async with client.get("/api/v1/scrape/job_none/explain") as response:
        assert (response.status, (await response.json())["error"]) == (404, "unknown_job")
