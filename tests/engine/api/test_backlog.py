"""The queue's figures."""

import pytest

from engine.api import Services
from tests.engine.api.conftest import Client
from tests.engine.api.services import Numbers
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job


@pytest.mark.parametrize(("rate", "backlog"), [(None, None), (0.0, None), (4.0, 0.5)])
async def test_the_queue_is_told_with_how_long_it_would_take(
    client: Client, services: Services, shelf: Shelf, rate: float | None, backlog: float | None
) -> None:
    assert isinstance(services.figures, Numbers)
    services.figures.rate = rate
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
