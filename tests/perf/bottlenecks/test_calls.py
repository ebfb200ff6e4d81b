"""Of real processes, by the kernel."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from perf.bottlenecks.calls import Calls
from perf.bottlenecks.evidence import EPOLL, SLEEP
from tests.conftest import eventually

BLOCKED = "import time; print(flush=True); time.sleep(60)"
AWAITING = "import asyncio; print(flush=True); asyncio.run(asyncio.sleep(60))"
BESIDE = "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); "


@asynccontextmanager
async def watched(code: str) -> AsyncIterator[Calls]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        await process.stdout.readline()
        calls = Calls(pid=process.pid)
        watching = asyncio.ensure_future(calls.watch())
        await eventually(lambda: watching.done() or calls.of_loop())
        if watching.done():
            pytest.skip("this kernel does not tell in which call another process sleeps")
        yield calls
        watching.cancel()
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize(("code", "call"), [(BLOCKED, SLEEP), (AWAITING, EPOLL)])
async def test_a_thread_that_sleeps_is_found_in_the_call_in_which_it_does(code: str, call: str) -> None:
    async with watched(code) as calls:
        await eventually(lambda: calls.of_loop().get(call, 0.0) > 0.5)
        assert sum(calls.of_loop().values()) == pytest.approx(1.0, abs=0.01)
        assert calls.of_others() == {}


async def test_other_threads_are_told_apart_from_the_first() -> None:
    async with watched(BESIDE + AWAITING) as calls:
        await eventually(lambda: calls.of_others().get(SLEEP, 0.0) > 0.5 and calls.of_loop().get(EPOLL, 0.0) > 0.5)
        assert SLEEP not in calls.of_loop()


async def test_where_no_process_is_known_nothing_is_told() -> None:
    calls = Calls(pid=None)
    await calls.watch()
    assert (calls.of_loop(), calls.of_others()) == ({}, {})
