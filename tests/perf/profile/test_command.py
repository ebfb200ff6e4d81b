"""A look into a process, from the question to the files."""

import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import orjson
import pytest
from aiohttp.test_utils import TestServer
from rich.console import Console

from engine.api import build_app
from engine.errors import ProfileUnderWayError
from engine.profiling.profiler import CpuProfile, Profiler
from engine.profiling.sessions import Sessions
from engine.runtime import inline
from perf.profile.command import shown
from perf.profile.look import LookError, look
from tests.engine.api.services import the_services
from tests.engine.api.shelf import Shelf


def spin(is_over: threading.Event) -> None:
    while not is_over.is_set():
        sum(range(1000))


@contextmanager
def spinning() -> Iterator[None]:
    is_over = threading.Event()
    thread = threading.Thread(target=spin, args=(is_over,), name="busy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(5)


class Busy(Profiler):
    """Somebody else looks."""

    async def cpu(self, seconds: float) -> CpuProfile:  # noqa: ARG002 - for however long
        raise ProfileUnderWayError


@pytest.fixture
def console() -> Console:
    return Console(file=StringIO(), width=200)


@pytest.fixture
def profiler() -> Profiler:
    return Profiler(call=inline, sessions=Sessions(show=lambda _: None))


@pytest.fixture
async def host(profiler: Profiler) -> AsyncIterator[str]:
    async with TestServer(build_app(the_services(Shelf(), profiler=profiler))) as server:
        yield str(server.make_url("/"))


def printed(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


async def test_the_function_that_keeps_the_process_busy_is_named_first(
    host: str, console: Console, tmp_path: Path
) -> None:
    with spinning():
        seen = await look(host, "cpu", 1.0, console=Console(file=StringIO()))
    numbers, graph = shown("cpu", host, seen, console=console, folder=tmp_path)
    told = (line for line in printed(console).partition("own share")[2].splitlines() if "%" in line)
    first = next(line for line in told if "execnet" not in line)  # which reads what this test is told to do
    assert f"{__name__}:spin" in first
    assert orjson.loads(numbers.read_bytes())["numbers"]["kind"] == "cpu"
    html = graph.read_text()
    assert f'title="{__name__}:spin' in html
    assert not re.search(r"https?://(?!127\.0\.0\.1)|src=|@import", html)


async def test_tasks_and_lines_are_told_as_tables(host: str, console: Console, tmp_path: Path) -> None:
    for kind in ("tasks", "memory"):
        seen = await look(host, kind, 2.0, console=Console(file=StringIO()))
        (numbers,) = shown(kind, host, seen, console=console, folder=tmp_path)
        assert orjson.loads(numbers.read_bytes())["scenario"] == f"profile-{kind}"
    assert "(running)" in printed(console)
    assert "leak.py:7" in printed(console)


async def test_a_refusal_says_why(console: Console) -> None:
    busy = Busy(call=inline, sessions=Sessions(show=lambda _: None))
    async with TestServer(build_app(the_services(Shelf(), profiler=busy))) as server:
        with pytest.raises(LookError, match="409 profile_under_way: The process is being profiled"):
            await look(str(server.make_url("/")), "cpu", 1.0, console=console)


async def test_what_is_asked_for_beyond_its_bound_is_refused_with_the_bound(host: str, console: Console) -> None:
    with pytest.raises(LookError, match=r"422 validation_error: .* seconds: .* 300"):
        await look(host, "cpu", 301.0, console=console)


async def test_where_nobody_answers_that_is_said(console: Console) -> None:
    async with TestServer(build_app(the_services(Shelf()))) as server:
        host = str(server.make_url("/"))
    with pytest.raises(LookError, match=re.escape(host)):
        await look(host, "tasks", 1.0, console=console)
