"""From the submit to the result, through every actor, on a real file and a real site."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from engine.jobs.command import Cancel, CancelBatch, Reached, Redrive, Submit
from engine.jobs.job import Batch, Job
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from perf.origin.pages import page_body
from perf.origin.server import serving
from tests.conftest import eventually
from tests.contracts.stores import Hand
from tests.flow.works import a_job, all_settled, submit, the_settings, works


async def test_every_page_comes_back_byte_for_byte(tmp_path: Path) -> None:
    async with serving(seed=7) as site, works(the_settings(tmp_path)) as (outfit, _):
        jobs = await submit(outfit, [f"{site}/page/{n}" for n in range(300)])
        assert await all_settled(outfit) == {Status.COMPLETED: 300}
        for n, job in enumerate(jobs):
            body = b"".join([piece async for piece in outfit.store.body(job.id)])
            assert sha256(body).digest() == sha256(page_body(7, n)).digest()


async def test_a_large_body_is_kept_in_chunks_and_comes_back_whole(tmp_path: Path) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        (job,) = await submit(outfit, [f"{site}/size/{3_000_000}"])
        assert await all_settled(outfit) == {Status.COMPLETED: 1}
        found = await outfit.store.result(job.id)
        assert found is not None
        assert found.page is not None
        assert found.page.chunks is not None
        whole = sha256()
        async for piece in outfit.store.body(job.id):
            assert len(piece) <= 256 * 1024
            whole.update(piece)
        assert (found.page.size, found.page.chunks.sha256) == (3_000_000, whole.hexdigest())


@pytest.mark.parametrize(
    ("path", "status", "error_type"),
    [
        ("/status/404", Status.COMPLETED, None),
        ("/status/501", Status.COMPLETED, None),
        ("/status/503", Status.FAILED, ErrorType.HTTP_5XX),
        ("/flaky/once?fails=1", Status.COMPLETED, None),
        ("/cut/1000", Status.FAILED, ErrorType.CONNECTION_LOST),
        ("/bomb/64", Status.FAILED, ErrorType.BODY_TOO_LARGE),
        ("/redirect/loop", Status.FAILED, ErrorType.TOO_MANY_REDIRECTS),
        ("/hang", Status.FAILED, ErrorType.TOTAL_TIMEOUT),
    ],
)
async def test_what_a_site_does_decides_how_its_job_ends(
    tmp_path: Path, path: str, status: Status, error_type: ErrorType | None
) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        (job,) = await submit(outfit, [site + path], max_retries=1, delay_between_retries_s=0.01, timeout_s=1)
        assert await all_settled(outfit) == {status: 1}
        found = await outfit.store.get(job.id)
        assert found is not None
        assert found.error_type == error_type


async def test_a_running_fetch_is_aborted_when_its_job_is_cancelled(tmp_path: Path) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        (job,) = await submit(outfit, [f"{site}/hang"])
        await eventually(lambda: len(outfit.system.ledger))
        cancelled = await outfit.system.commit(Cancel(job_id=job.id))
        assert isinstance(cancelled, Job)
        assert cancelled.status is Status.CANCELLED
        assert not len(outfit.system.ledger)


async def test_a_batch_that_is_cancelled_stops_what_runs_and_what_waits(tmp_path: Path) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        jobs = [replace(a_job(outfit, f"{site}/hang"), batch_id="batch_1") for _ in range(50)]
        batch = Batch(id="batch_1", total=50, created_at=jobs[0].created_at, parallel_limit=3)
        await outfit.system.commit(Submit(jobs=tuple(jobs), batch=batch))
        await eventually(lambda: len(outfit.system.ledger) == 3)
        reached = await outfit.system.commit(CancelBatch(batch_id="batch_1", limit=100))
        assert isinstance(reached, Reached)
        assert len(reached.job_ids) == 50
        assert not len(outfit.system.ledger)
        assert await all_settled(outfit) == {Status.CANCELLED: 50}
        await submit(outfit, [f"{site}/page/{n}" for n in range(8)])  # as many as there are fetchers: all are free
        assert await all_settled(outfit) == {Status.CANCELLED: 50, Status.COMPLETED: 8}


async def test_a_job_that_failed_is_put_back_and_completes(tmp_path: Path) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        (job,) = await submit(outfit, [f"{site}/flaky/again?fails=1"], max_retries=0)
        assert await all_settled(outfit) == {Status.FAILED: 1}
        await outfit.system.commit(Redrive(job_ids=(job.id,)))
        assert await all_settled(outfit) == {Status.COMPLETED: 1}
        found = await outfit.store.get(job.id)
        assert found is not None
        assert (found.attempts, found.error_type) == (1, None)


async def test_a_retry_comes_in_time_whatever_the_wall_clock_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = Hand()
    monkeypatch.setattr("actors.outfit.time", wall.now)
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        wall.turn(86_400)
        await submit(outfit, [f"{site}/flaky/once?fails=1"], delay_between_retries_s=0.01)
        assert await all_settled(outfit) == {Status.COMPLETED: 1}


async def test_a_drain_gives_back_what_it_cannot_finish_and_a_new_start_goes_on(tmp_path: Path) -> None:
    settings = the_settings(tmp_path, DRAIN_GRACE_SECONDS="0.1")
    async with serving() as site:
        async with works(settings) as (outfit, _):
            await submit(outfit, [f"{site}/delay/2000/page/{n}" for n in range(20)])
            await eventually(lambda: len(outfit.system.ledger))
        async with works(the_settings(tmp_path, MAX_CONCURRENT_JOBS="20")) as (outfit, _):
            assert await all_settled(outfit) == {Status.COMPLETED: 20}
            assert not len(outfit.system.ledger)
