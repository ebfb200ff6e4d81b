"""Two faults planted in real daemons and found; and a look that is broken off."""

import asyncio
import os
import signal
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks import command
from perf.bottlenecks.analysis import Analysis
from perf.bottlenecks.analyst import analyse
from perf.bottlenecks.options import options
from perf.bottlenecks.ranking import ranked
from perf.origin.server import serving
from tests.conftest import eventually
from tests.perf.bottlenecks.recordings import recorded

TEXT = 'job_queue_size 5.0\nscraper_requests_total{scraper_type="http",status="success"} 7.0\n'


def told(*args: str) -> Namespace:
    parser = ArgumentParser()
    options(parser)
    return parser.parse_args(args)


@contextmanager
def a_site() -> Iterator[str]:
    """In a thread of its own: the command has a loop of its own."""
    loop, ends, urls = asyncio.new_event_loop(), asyncio.Event(), list[str]()
    is_up = threading.Event()

    async def serve() -> None:
        async with serving() as url:
            urls.append(url)
            is_up.set()
            await ends.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert is_up.wait(timeout=10)
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(ends.set)
        thread.join(timeout=10)
        loop.close()


def test_one_that_was_broken_off_proves_nothing() -> None:
    evidence = replace(recorded("none"), is_complete=False)
    analysis = Analysis(plant="none", evidence=evidence, findings=ranked(evidence), load_before=1.0)
    assert "broken off" in command.judged(analysis, is_healthy_meant=True)[0]
    assert command.judged(analysis, is_healthy_meant=False) == []


def only_result(folder: Path) -> Any:
    (path,) = folder.rglob("bottlenecks-*.json")
    return orjson.loads(path.read_bytes())


@pytest.mark.timeout(120)
@pytest.mark.parametrize("plant", [Bottleneck.BLOCKING_CALL, Bottleneck.LOCK_STEP])
def test_what_is_planted_is_found_first_and_counted_by_the_daemon(
    plant: Bottleneck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path)
    with a_site() as site:
        command.run(told(f"--plant={plant}", f"--site={site}", "--warm-up=2s", "--duration=3s"))
    result = only_result(tmp_path)
    assert result["numbers"]["findings"][0]["kind"] == plant
    assert not any("did not take in" in line for line in result["numbers"]["evidence"]["unknown"])
    (report,) = tmp_path.rglob("report.md")
    assert f"| 1 | {plant} |" in report.read_text()


@pytest.mark.parametrize(("plant", "is_right"), [("pool", True), ("slow_disk", False), ("none", False)])
def test_another_finding_than_what_was_planted_is_a_miss(plant: str, *, is_right: bool) -> None:
    evidence = recorded("pool")
    analysis = Analysis(plant=plant, evidence=evidence, findings=ranked(evidence), load_before=1.0)
    assert (command.judged(analysis, is_healthy_meant=True) == []) is is_right


@pytest.mark.parametrize(("plant", "database"), [("pool", "sqlite"), ("slow_disk", "postgres")])
def test_a_fault_that_a_database_cannot_have_is_not_planted_there(plant: str, database: str) -> None:
    with pytest.raises(SystemExit, match=f"{plant} is planted in"):
        command.run(told(f"--plant={plant}", f"--database={database}"))


def test_where_nobody_answers_it_says_so() -> None:
    with pytest.raises(SystemExit, match="does not answer"):
        command.run(told("--host=http://127.0.0.1:9", "--site=http://site.test"))


async def test_ctrl_c_ends_the_look_and_leaves_a_whole_report(tmp_path: Path) -> None:
    asked = 0

    async def metrics(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(text=TEXT)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    async with TestServer(app) as server:
        args = told(f"--host={str(server.make_url('')).rstrip('/')}", "--site=http://site.test", "--duration=1h")
        looking = asyncio.ensure_future(analyse(args, None, None))
        await eventually(lambda: asked >= 3)
        os.kill(os.getpid(), signal.SIGINT)
        analysis = await looking
    command.reported(analysis, args, tmp_path / "folder")
    result = only_result(tmp_path)
    assert result["broken"] == ["it was broken off"]
    assert (result["numbers"]["evidence"]["due"], result["numbers"]["evidence"]["pages"]) == (5.0, 0)
    assert "It was broken off" in (tmp_path / "folder" / "report.md").read_text()
