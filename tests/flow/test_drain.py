"""SIGTERM: what the daemon does between the signal and its exit, seen from outside."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest

from perf.origin.server import serving
from tests.conftest import eventually
from tests.flow.daemons import Daemon, a_daemon, findings, in_hand, rows


async def says_it_is_stopping(daemon: Daemon) -> str:
    """What the readiness probe is told, once it is told anything."""
    async with asyncio.timeout(10):
        while True:
            status, answer = await daemon.ask("GET", "/health/ready")
            if status == 503:
                return str(answer["reason"])


async def test_while_a_fetch_is_in_hand_it_answers_takes_nothing_new_and_a_second_signal_hurries(
    tmp_path: Path,
) -> None:
    async with serving() as site, a_daemon(tmp_path, DRAIN_GRACE_SECONDS="60") as daemon:
        job_id = await daemon.submit(f"{site}/hang", config={"timeout": 300})
        await eventually(lambda: in_hand(tmp_path))
        poll = asyncio.ensure_future(daemon.get(f"/scrape/{job_id}?wait=60"))
        await daemon.get("/jobs/queue/status")
        daemon.tell(signal.SIGTERM)
        assert await says_it_is_stopping(daemon) == "the service is stopping"
        assert (await poll)["status"] == "running"
        assert (await daemon.get(f"/scrape/{job_id}?wait=60"))["status"] == "running"
        status, answer = await daemon.ask("POST", "/scrape", json={"url": f"{site}/page/1"})
        assert (status, answer["error"]) == (503, "stopping")
        assert daemon.is_alive
        daemon.tell(signal.SIGTERM)
        assert await daemon.ended() == 0
    assert rows(tmp_path) == [("queued", None, 0, 0)]
    assert in_hand(tmp_path) == ()
    assert findings(tmp_path) == []


async def test_fetches_in_hand_finish_and_nothing_more_is_claimed(tmp_path: Path) -> None:
    async with serving() as site, a_daemon(tmp_path, MAX_CONCURRENT_JOBS="2") as daemon:
        await daemon.submit_all(*(f"{site}/delay/700/page/{n}" for n in range(40)))
        await eventually(lambda: in_hand(tmp_path))
        daemon.tell(signal.SIGTERM)
        assert await daemon.ended() == 0
    done = [row for row in rows(tmp_path) if row[0] == "completed"]
    assert set(done) == {("completed", None, 1, 0)}
    assert rows(tmp_path).count(("queued", None, 0, 0)) == 40 - len(done) > 0
    assert in_hand(tmp_path) == ()


@pytest.mark.parametrize(
    ("method", "ends"), [("GET", ("queued", None, 0, 0)), ("POST", ("failed", "connection_lost", 0, 1))]
)
async def test_what_does_not_finish_in_the_grace_goes_back_unless_it_must_not_be_sent_again(
    tmp_path: Path, method: str, ends: tuple[object, ...]
) -> None:
    async with serving() as site, a_daemon(tmp_path, DRAIN_GRACE_SECONDS="0.2") as daemon:
        await daemon.submit(f"{site}/hang", method=method)
        await eventually(lambda: in_hand(tmp_path))
        daemon.tell(signal.SIGTERM)
        assert await daemon.ended() == 0
    assert rows(tmp_path) == [ends]


async def test_every_submit_that_is_open_gets_an_answer_and_what_is_accepted_is_kept(tmp_path: Path) -> None:
    async with a_daemon(tmp_path) as daemon:
        submits = [
            asyncio.ensure_future(
                daemon.ask("POST", "/scrape", json={"url": f"http://site.test/{n}", "run_at": "2200-01-01T00:00:00Z"})
            )
            for n in range(300)
        ]
        await asyncio.wait(submits, return_when=asyncio.FIRST_COMPLETED)
        daemon.tell(signal.SIGTERM)
        answers = await asyncio.gather(*submits, return_exceptions=True)
        assert await daemon.ended() == 0
    told = [answer[0] for answer in answers if isinstance(answer, tuple)]
    assert len(rows(tmp_path)) == told.count(202) > 0
    assert set(told) <= {202, 503}
    assert all(isinstance(answer, tuple | aiohttp.ClientConnectionError) for answer in answers)


async def test_before_it_stops_it_serves_on_as_not_ready_and_keeps_no_connection(tmp_path: Path) -> None:
    async with serving() as site, a_daemon(tmp_path, SHUTDOWN_DELAY_SECONDS="600") as daemon:
        assert await connections_after(daemon, "/jobs", "/health/ready") == {None}
        daemon.tell(signal.SIGTERM)
        assert await says_it_is_stopping(daemon) == "the service is stopping"
        job_id = await daemon.submit(f"{site}/page/1")
        assert (await daemon.get(f"/scrape/{job_id}?wait=20"))["status"] == "completed"
        paths = ("/jobs", "/health/ready", "/health/live", f"/scrape/{job_id}/result", "/nowhere")
        assert await connections_after(daemon, *paths) == {"close"}
        daemon.tell(signal.SIGTERM)
        assert await daemon.ended() == 0
    assert rows(tmp_path) == [("completed", None, 1, 0)]


async def connections_after(daemon: Daemon, *paths: str) -> set[str | None]:
    """What the answers' Connection says."""
    said = set()
    async with aiohttp.ClientSession() as client:
        for path in paths:
            async with client.get(f"{daemon.url}/api/v1{path}") as answer:
                await answer.read()
                said.add(answer.headers.get("Connection"))
    return said
