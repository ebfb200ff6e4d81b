"""The daemon as a process of its own: what users and machines do to it from outside."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from engine.jobs.status import Status
from perf.origin.server import serving
from perf.process import running
from tests.flow.calls import client_of, got, stored, submitted, the_environment


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with client_of() as session:
        yield session


async def test_a_url_goes_in_and_its_page_comes_out(tmp_path: Path, client: aiohttp.ClientSession) -> None:
    async with serving() as site, running("actors", ("serve",), env=the_environment(tmp_path)) as daemon:
        config = {"extract_text": True, "extract": {"title": {"css": "title"}}}
        job_id = await submitted(client, daemon, f"{site}/page/1", config=config)
        status = await got(client, daemon, f"/scrape/{job_id}?wait=10")
        assert (status["status"], status["progress"]) == ("completed", 100)
        result = await got(client, daemon, f"/scrape/{job_id}/result")
        assert result["status_code"] == 200
        assert result["extracted"]["title"] in result["content"]
        assert await got(client, daemon, "/health/ready")
        async with client.get(f"{daemon.url}/metrics") as answer:
            assert 'jobs_total{job_type="http",status="completed"} 1.0' in await answer.text()


async def test_a_result_goes_when_its_time_is_over_and_what_is_counted_stays(
    tmp_path: Path, client: aiohttp.ClientSession
) -> None:
    environment = the_environment(tmp_path, RESULT_TTL="1")
    async with serving() as site, running("actors", ("serve",), env=environment) as daemon:
        job_id = await submitted(client, daemon, f"{site}/page/1")
        assert (await got(client, daemon, f"/scrape/{job_id}?wait=10"))["status"] == "completed"
        async with asyncio.timeout(20):
            while await _status_of(client, f"{daemon.url}/api/v1/scrape/{job_id}/result") != 410:
                pass
        status = await got(client, daemon, f"/scrape/{job_id}")
        assert (status["status"], status["result"]) == ("completed", None)
        stats = await got(client, daemon, "/jobs/stats?days=2")
        assert (stats["total_jobs"], stats["success_rate"]) == (1, 100.0)
        assert stats["average_response_time"] > 0


async def _status_of(client: aiohttp.ClientSession, url: str) -> int:
    async with client.get(url) as answer:
        return answer.status


async def test_a_batch_goes_in_and_its_rest_is_cancelled(tmp_path: Path, client: aiohttp.ClientSession) -> None:
    async with serving() as site, running("actors", ("serve",), env=the_environment(tmp_path)) as daemon:
        asked = {"jobs": [{"url": f"{site}/page/1"}, {"url": f"{site}/hang"}, {"url": f"{site}/hang"}]}
        async with client.post(f"{daemon.url}/api/v1/scrape/bulk", json={**asked, "parallel_limit": 1}) as answer:
            batch = await answer.json()
        path = f"/batches/{batch['batch_id']}"
        await got(client, daemon, f"/scrape/{batch['job_ids'][0]}?wait=10")
        figures = await got(client, daemon, path)
        assert (figures["counts"]["completed"], figures["progress"], figures["parallel_limit"]) == (1, 33, 1)
        assert figures["estimated_completion"] is not None
        async with client.delete(f"{daemon.url}/api/v1{path}") as answer:
            assert (answer.status, (await answer.json())["cancelled"]) == (200, 2)
        async with client.delete(f"{daemon.url}/api/v1{path}") as answer:
            assert answer.status == 409
        figures = await got(client, daemon, path)
        assert (figures["status"], figures["counts"]["cancelled"], figures["progress"]) == ("cancelled", 2, 100)
        async with client.delete(f"{daemon.url}/api/v1/jobs/bulk", json=batch["job_ids"]) as answer:
            assert (await answer.json())["total_deleted"] == 3
        async with client.get(f"{daemon.url}/api/v1/scrape/{batch['job_ids'][1]}") as answer:
            assert answer.status == 404


async def test_after_kill_9_the_next_process_takes_over_at_once(tmp_path: Path, client: aiohttp.ClientSession) -> None:
    environment = the_environment(tmp_path, LEASE_SECONDS="3600")
    async with serving() as site, running("actors", ("serve",), env=environment) as first:
        job_ids = [await submitted(client, first, f"{site}/delay/500/page/{n}") for n in range(5)]
        os.kill(first.pid, signal.SIGKILL)
        async with running("actors", ("serve",), env=environment) as second:
            for job_id in job_ids:
                assert (await got(client, second, f"/scrape/{job_id}?wait=10"))["status"] == "completed"


async def test_who_was_stopped_past_its_lease_and_goes_on_settles_once(
    tmp_path: Path, client: aiohttp.ClientSession
) -> None:
    environment = the_environment(tmp_path, LEASE_SECONDS="1")
    async with serving() as site, running("actors", ("serve",), env=environment) as daemon:
        job_id = await submitted(client, daemon, f"{site}/delay/500/page/1")
        while (await got(client, daemon, f"/scrape/{job_id}"))["status"] == "queued":
            pass
        os.kill(daemon.pid, signal.SIGSTOP)
        await asyncio.sleep(2)  # real time has to pass: its lease ends, and the page comes
        os.kill(daemon.pid, signal.SIGCONT)
        assert (await got(client, daemon, f"/scrape/{job_id}?wait=10"))["status"] == "completed"
        async with client.get(f"{daemon.url}/metrics") as answer:
            assert 'jobs_total{job_type="http",status="completed"} 1.0' in await answer.text()
    found = await stored(tmp_path, job_id)
    assert (found.status, found.attempts) == (Status.COMPLETED, 1)


async def test_sigterm_ends_it_in_order_with_0(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "actors", "serve")
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **the_environment(tmp_path)}, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    while b'"listening"' not in (line := await process.stderr.readline()):
        assert line
    process.send_signal(signal.SIGTERM)
    told = await process.stderr.read()
    assert (await process.wait(), b'"stopped"' in told) == (0, True)


async def test_a_second_process_on_the_same_file_is_refused(tmp_path: Path) -> None:
    environment = the_environment(tmp_path)
    async with running("actors", ("serve",), env=environment):
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "actors", "serve"), env={**os.environ, **environment}, stderr=subprocess.PIPE
        )
        _, told = await second.communicate()
        assert (second.returncode, b"PostgreSQL" in told) == (1, True)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"HOST": "0.0.0.0"}, "ALLOW_ANONYMOUS"),
        ({"ROLE": "worker"}, "PostgreSQL"),
        ({"PORT": "99999", "JOB_TIMEOUT": "no"}, "JOB_TIMEOUT"),
    ],
)
def test_what_cannot_be_is_said_at_the_start(tmp_path: Path, told: dict[str, str], said: str) -> None:
    environment = {**os.environ, **the_environment(tmp_path), **told}
    command = (sys.executable, "-m", "actors", "serve")
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 2
    assert said in ended.stderr
