"""The queue's figures, and its end."""

import pytest

from engine.api import backlog
from tests.engine.api.conftest import Client
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job


@pytest.mark.parametrize(("rate", "backlog"), [(None, None), (0.0, None), (4.0, 0.5)])
async def test_the_queue_is_told_with_how_long_it_would_take(
    client: Client, shelf: Shelf, rate: float | None, backlog: float | None
) -> None:
    shelf.per_second = rate
    for job in (a_job(), a_job(id="job_2"), a_job(id="job_3", due_at=5000.0)):
        shelf.put(job)
    shelf.put(a_job(id="job_4").claimed(now=200.0, until=230.0))
    async with client.get("/api/v1/jobs/queue/status") as response:
        assert await response.json() == {
            "queue_size": 3,
            "running_jobs": 1,
            "max_concurrent_jobs": 64,
            "running_job_ids": ["job_4"],
            "queue_type": "shelf",
            "backlog_seconds": backlog,
            "due": 2,
            "delayed": 1,
        }


async def test_clearing_the_queue_cancels_what_waits_and_nothing_else(client: Client, shelf: Shelf) -> None:
    for job in (a_job(), a_job(id="job_2", due_at=5000.0), a_job(id="job_3").claimed(now=200.0, until=230.0)):
        shelf.put(job)
    for cleared in (2, 0):
        async with client.post("/api/v1/jobs/queue/clear") as response:
            assert response.status == 200
            assert await response.json() == {"message": f"{cleared} queued jobs are cancelled", "cleared": cleared}
    assert [job.status.value for job in shelf.jobs.values()] == ["cancelled", "cancelled", "running"]


async def test_a_long_queue_is_cleared_in_steps_and_no_further_than_it_was(
    client: Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "STEP", 2)
    for number in range(5):
        shelf.put(a_job(id=f"job_{number}"))
    async with client.post("/api/v1/jobs/queue/clear") as response:
        assert (await response.json())["cleared"] == 5
    assert shelf.steps == [2, 2, 1]
