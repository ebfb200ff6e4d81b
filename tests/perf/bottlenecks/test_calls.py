"""Of real processes, by the kernel."""

import asyncio
import sys

import pytest

from perf.bottlenecks.calls import SLEEP, Calls
from perf.bottlenecks.evidence import EPOLL
from tests.conftest import eventually

BLOCKED = "import time; print(flush=True); time.sleep(60)"
AWAITING = "import asyncio; print(flush=True); asyncio.run(asyncio.sleep(60))"


@pytest.mark.parametrize(("code", "call"), [(BLOCKED, SLEEP), (AWAITING, EPOLL)])
async def test_a_thread_that_sleeps_is_found_in_the_call_in_which_it_does(code: str, call: str) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        await process.stdout.readline()
        calls = Calls(pid=process.pid)
        watching = asyncio.ensure_future(calls.watch())
        await eventually(lambda: watching.done() or calls.parts().get(call, 0.0) > 0.5)
        if watching.done():
            pytest.skip("this kernel does not tell in which call another process sleeps")
        watching.cancel()
    finally:
        process.kill()
        await process.wait()
    assert sum(calls.parts().values()) == pytest.approx(1.0, abs=0.01)


async def test_where_no_process_is_known_nothing_is_told() -> None:
    calls = Calls(pid=None)
    await calls.watch()
    assert calls.parts() == {}
