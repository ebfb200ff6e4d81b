"""Seconds in which a service answered, and how late the tester is itself."""

import asyncio
import os
from collections import Counter
from itertools import count
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from perf.validate import probe
from perf.validate.probe import Lateness, Windows
from perf.validate.waits import waited_s
from tests.conftest import eventually


async def test_windows_without_an_answer_or_with_a_bad_one_are_holes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "WINDOW_S", 0.2)
    asked = 0

    async def health(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked == 2:
            await asyncio.Event().wait()
        return web.Response(status=503 if asked == 3 else 200)

    app, faults = web.Application(), Counter[str]()
    app.router.add_get("/health", health)
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        windows = Windows(client=client, url=str(server.make_url("")).rstrip("/"), faults=faults)
        running = asyncio.ensure_future(windows.run())
        await eventually(lambda: windows.asked >= 4)
        running.cancel()
        await asyncio.wait((running,))
    assert windows.asked - windows.answered == 2
    assert faults == {"health, each second: no answer: TimeoutError": 1, "health, each second: status 503": 1}


async def test_a_tester_whose_loop_was_held_up_knows_how_late_it_was() -> None:
    lateness = Lateness(clock=map(float, count(step=2)).__next__)
    assert lateness.p95_ms is None
    running = asyncio.ensure_future(lateness.run())
    await eventually(lambda: lateness.p95_ms)
    running.cancel()
    await asyncio.wait((running,))
    assert lateness.p95_ms == 2000 - probe.LOOK_EVERY_S * 1000


def test_the_kernel_tells_how_long_a_process_waited_and_nothing_of_one_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "schedstat").write_text("1000 2500000000 3\n")
    assert waited_s(7, proc=tmp_path) == 2.5
    assert waited_s(8, proc=tmp_path) is waited_s(None) is None
    assert waited_s(os.getpid()) is not None
