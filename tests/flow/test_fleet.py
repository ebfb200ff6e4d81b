"""Several processes on one PostgreSQL: an API and workers; and one that stood still for longer than its lease."""

import asyncio
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from perf.origin.server import serving
from tests.flow.daemons import Daemon
from tests.flow.fleet import a_fleet, hanging

HEARD_WITHIN_S = 1.0
"""Less than anybody who was told nothing would have waited: 20 s for work, a third of a lease for a cancel."""
PATHS = {"/health": 200, "/api/v1/health/ready": 200, "/metrics": 200, "/": 404, "/api/v1/jobs": 404, "/docs": 404}


async def test_what_an_api_is_asked_its_workers_do(tmp_path: Path) -> None:
    async with serving() as site, hanging() as hung, a_fleet(tmp_path, "api", "worker", "worker") as (api, *workers):
        await _runs_what_is_submitted(api, workers, site)
        await _starts_at_once(api, site)
        job_id = await api.submit(hung.url, config={"timeout": 300})
        await hung.asked.wait()
        await api.ask("DELETE", f"/scrape/{job_id}")
        async with asyncio.timeout(HEARD_WITHIN_S):
            await hung.left.wait()
        assert (await api.get(f"/scrape/{job_id}"))["status"] == "cancelled"
        for worker in workers:
            assert {path: await worker.status_of(path) for path in PATHS} == PATHS


async def _runs_what_is_submitted(api: Daemon, workers: Sequence[Daemon], site: str) -> None:
    job_ids = await api.submit_all(*(f"{site}/delay/200/page/{n}" for n in range(100)))
    polls = await asyncio.gather(*(api.get(f"/scrape/{job_id}?wait=20") for job_id in job_ids))
    assert {job["status"] for job in polls} == {"completed"}
    for worker in workers:
        assert await worker.fetched() > 0
    assert await api.fetched() == 0


async def _starts_at_once(api: Daemon, site: str) -> None:
    """Each is submitted to workers that have nothing to do."""
    for number in range(5):
        job_id = await api.submit(f"{site}/page/{number}")
        assert (await api.get(f"/scrape/{job_id}?wait=20"))["status"] == "completed"
        spent = (await api.get(f"/scrape/{job_id}/explain"))["last_attempt_ms"]
        assert spent["queue"] < HEARD_WITHIN_S * 1000


async def test_a_job_that_is_due_later_is_heard_of_too(tmp_path: Path) -> None:
    async with serving() as site, a_fleet(tmp_path, "api", "worker") as (api, _):
        due_at = datetime.now(UTC) + timedelta(seconds=1)
        job_id = await api.submit(f"{site}/page/1", run_at=due_at.isoformat())
        assert (await api.get(f"/scrape/{job_id}?wait=20"))["status"] == "completed"
        delays = (await api.get(f"/scrape/{job_id}/explain"))["last_attempt_ms"]
        assert delays["delay"] + delays["queue"] < (1 + 1 + HEARD_WITHIN_S) * 1000


@pytest.mark.timeout(60)
async def test_who_stood_still_past_the_end_of_a_lease_settles_nothing(tmp_path: Path) -> None:
    async with serving() as site, a_fleet(tmp_path, "all", "all", LEASE_SECONDS="1.5") as both:
        job_id = await both[0].submit(f"{site}/delay/1000/page/1")
        holder, other = await _holder_first(both, job_id)
        holder.tell(signal.SIGSTOP)
        done = await other.get(f"/scrape/{job_id}?wait=30")
        assert done["status"] == "completed"
        holder.tell(signal.SIGCONT)
        again = await holder.submit(f"{site}/page/2")
        assert (await holder.get(f"/scrape/{again}?wait=20"))["status"] == "completed"
        assert (await other.get(f"/scrape/{job_id}/explain"))["attempts"] == 1
        assert await other.get(f"/scrape/{job_id}") == done


async def _holder_first(both: Sequence[Daemon], job_id: str) -> list[Daemon]:
    """Only one of them has it in hand, as its journal tells."""
    while True:
        for daemon in both:
            if job_id in daemon.in_hand():
                return [daemon, *(each for each in both if each is not daemon)]
        await asyncio.sleep(0.005)
