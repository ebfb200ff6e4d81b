"""Locust for a few seconds: against a daemon of one's own, and against a service that is ill."""

import asyncio
import os
import pkgutil
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import perf.load
from perf.load import command, drive
from perf.load.ground import Ground
from perf.load.options import options
from perf.load.section import Section
from perf.load.shapes import Shape, shape_of
from tests.conftest import eventually

EARLY_S, LATE_S = 1.0, 3.0
"""Seconds are written without their fractions. Locust looks at the shape, and writes a line, once a second."""


def _told(*args: str) -> Namespace:
    parser = ArgumentParser()
    options(parser)
    return parser.parse_args(args)


def _users_around(shape: Shape, at_s: float) -> list[int]:
    tenths = range(int((at_s - LATE_S) * 10), int((at_s + EARLY_S) * 10) + 1)
    return [(shape.users_at(tenth / 10) or 0) if tenth >= 0 else 0 for tenth in tenths]


def _all_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


@pytest.mark.timeout(120)
def test_users_follow_the_shape_and_the_report_is_of_users_and_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path)
    command.run(_told("--scenario=spike", "--users=10", "--spawn-rate=5", "--duration=20s"))
    (folder,) = tmp_path.iterdir()
    shape = shape_of("spike", users=10, rate=5, lasts_s=20)
    section = Section.read(folder / "spike", shape=shape, is_complete=True)
    for moment in section.moments:
        around = _users_around(shape, moment.at_s)
        assert min(around) <= moment.users <= max(around)
    assert max(moment.users for moment in section.moments) == 10
    assert all(rss > 0 for rss in section.shown("rss_bytes"))
    (result,) = (orjson.loads(path.read_bytes()) for path in folder.glob("*.json"))
    assert result["broken"] == []
    assert result["numbers"]["spike"]["calls"]["submit"]["requests"] >= 10
    assert section.shown("pages")[0] == 0 < result["numbers"]["spike"]["server"]["pages"]
    assert "were there" in (folder / "report.html").read_text()


@pytest.mark.timeout(90)
async def test_refusals_and_failures_are_told_apart_and_ctrl_c_leaves_a_report(tmp_path: Path) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "1"})

    async def fail(_: web.Request) -> web.Response:
        return web.Response(status=500)

    app = web.Application()
    app.router.add_post("/api/v1/scrape", refuse)
    app.router.add_route("*", "/{any:.*}", fail)
    failures = tmp_path / "stress" / "locust_failures.csv"
    async with TestServer(app) as server:
        host = str(server.make_url("")).rstrip("/")
        args = _told(f"--host={host}", "--site=http://site.test", "--scenario=stress", "--users=50", "--api-key=secret")
        failures.parent.mkdir()
        running = asyncio.ensure_future(command.driven(args, tmp_path, None))
        await eventually(lambda: failures.exists() and "status 500" in failures.read_text(), within_s=40)
        os.kill(os.getpid(), signal.SIGINT)
        sections = await running
    command.reported(sections, settings=command.settings_of(args), folder=tmp_path, taken_at=datetime.now(UTC))
    (section,) = sections
    assert not section.is_complete
    assert section.numbers()["refused"] > 0
    assert {fault.message for fault in section.faults} == {"status 500"}
    assert not any(fault.name.startswith("submit") for fault in section.faults)
    assert "stress: broken off" in (tmp_path / "report.html").read_text()
    assert not any(b"secret" in written for written in _all_in(tmp_path))


@pytest.mark.timeout(90)
async def test_a_locust_that_does_not_begin_is_told_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drive, "LOCUSTFILE", tmp_path / "none.py")
    where = Ground(url="http://127.0.0.1:1", site="http://site.test", pid=None)
    driver = drive.Driver(ground=where, stop=asyncio.Event(), ui=False, api_key=None)
    with pytest.raises(drive.LoadError, match=r"none\.py"):
        await driver.drive(shape_of("baseline"), tmp_path)


def test_only_locust_itself_loads_gevent() -> None:
    look = "import sys, perf.__main__, perf.load.command; sys.exit('gevent' in sys.modules or 'locust' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0


def test_no_module_beside_the_locustfile_takes_the_name_of_another() -> None:
    """Its folder is the first place that Locust's process looks for modules."""
    names = {module.name for module in pkgutil.iter_modules(perf.load.__path__)}
    assert not names & (set(sys.stdlib_module_names) | set(sys.builtin_module_names))
