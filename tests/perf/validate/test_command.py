"""A validation from its first call to its exit code: too short to pass, broken off, or of no service at all."""

import asyncio
import os
import signal
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from perf.load.ground import Ground
from perf.validate import command
from perf.validate.course import WARM_UP, Course
from perf.validate.evidence import LOAD, READS, Evidence
from perf.validate.flood import BULK
from perf.validate.options import options
from perf.validate.plan import plan_of
from perf.validate.verdicts import exit_code, verdicts


def _told(*args: str) -> Namespace:
    parser = ArgumentParser()
    options(parser)
    return parser.parse_args(args)


def _ran(path: Path, *args: str) -> tuple[int, dict[str, Any]]:
    with pytest.raises(SystemExit) as ended:
        command.run(_told(f"--output={path}", *args))
    written: dict[str, Any] = orjson.loads(path.read_bytes())
    assert written["exit_code"] == ended.value.code
    return written["exit_code"], written


@pytest.mark.timeout(120)
def test_a_run_of_seconds_measures_what_it_can_and_passes_nothing(tmp_path: Path) -> None:
    code, written = _ran(tmp_path / "of.json", "--duration=3s", "--api-key=secret")
    evidence = Evidence.from_json(written["evidence"])
    assert code == 2, written["broken"]
    assert evidence.completed == evidence.accepted > 100
    assert evidence.flooded == BULK * evidence.calls[WARM_UP]["bulk"].requests > 0
    assert evidence.calls[LOAD]["submit"].requests > 0
    assert evidence.calls[READS]["explain"].requests > 0
    assert evidence.guests_most
    assert evidence.running_most
    assert evidence.answered > 0
    assert evidence.starved_s is not None
    assert evidence.limit_source
    assert all(processors for _, processors in evidence.column("processors"))
    assert "secret" not in (tmp_path / "of.json").read_text()


def test_a_service_that_is_not_there_has_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = "http://127.0.0.1:9"
    code, written = _ran(tmp_path / "of.json", f"--api-url={nowhere}", f"--site={nowhere}", "--quick")
    assert code == 1
    assert written["broken"] == ["calls that failed: 1 "]
    assert "not measured" in capsys.readouterr().out


@pytest.mark.timeout(60)
async def test_what_was_seen_until_ctrl_c_is_judged_and_failed_calls_are_failures(tmp_path: Path) -> None:
    calls = asyncio.Event()

    async def fail(request: web.Request) -> web.Response:
        if request.path == "/health":
            return web.json_response({})
        if request.path == "/api/v1/scrape":
            calls.set()
        return web.Response(status=500)

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", fail)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    async with TestServer(app) as server:
        ground = Ground(url=str(server.make_url("")).rstrip("/"), site="http://site.test", pid=None)
        course = Course(ground=ground, plan=plan_of(600.0), folder=tmp_path, headers={}, stop=stop)
        going = asyncio.ensure_future(course.seen())
        await calls.wait()
        os.kill(os.getpid(), signal.SIGINT)
        evidence = await going
    asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
    assert exit_code(verdicts(evidence)) == 1
    assert evidence.faults["submit: status 500"] >= 1
    assert LOAD not in evidence.spans


@pytest.mark.parametrize("wrong", [["--duration=0s"], ["--output=/nowhere/at/all"], ["--quick", "--duration=20m"]])
def test_what_cannot_be_run_is_refused_before_anything_starts(wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        _told(*wrong)


def test_ten_minutes_unless_told_and_two_when_quick() -> None:
    assert [_told().duration, _told("--quick").duration, _told("--duration=1h").duration] == [600, 120, 3600]


@pytest.mark.parametrize("lasts_s", [6.0, 120.0, 600.0, 3600.0])
def test_the_phases_of_a_plan_are_as_long_as_it_is_to_last(lasts_s: float) -> None:
    assert plan_of(lasts_s).lasts_s == pytest.approx(lasts_s)
