import os
from datetime import timedelta

import aiohttp
import psutil
import pytest

from perf.process import ProcessError, output_of, running

SOON = timedelta(seconds=20)
A_MOMENT = timedelta(milliseconds=300)
A_CPU = max(os.sched_getaffinity(0))

SLEEP = "import time; time.sleep(60)"
IGNORE_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('http://127.0.0.1:1', flush=True)"


async def test_a_module_runs_on_its_cpu_until_it_is_left() -> None:
    async with running("perf", ("origin", "--seed=3"), cpu=A_CPU) as origin:
        assert psutil.Process(origin.pid).cpu_affinity() == [A_CPU]
        assert os.getsid(origin.pid) == origin.pid
        before = origin.sample()
        async with aiohttp.ClientSession() as session, session.get(f"{origin.url}/manifest?n=200") as response:
            assert response.status == 200
            await response.read()
        after = origin.sample()
    assert after.cpu_s > before.cpu_s
    assert after.rss_bytes > 1_000_000
    assert not psutil.pid_exists(origin.pid)


async def test_a_module_without_a_url_is_told_with_its_last_words() -> None:
    with pytest.raises(ProcessError, match="bare_client"):
        async with running("perf", ("list",)):
            raise AssertionError


async def test_a_silent_module_is_ended_at_its_deadline() -> None:
    with pytest.raises(ProcessError, match="no URL"):
        async with running("timeit", ("-n1", "-r1", SLEEP), starts_within=A_MOMENT):
            raise AssertionError


async def test_a_module_that_does_not_stop_is_killed_and_told() -> None:
    with pytest.raises(ProcessError, match="did not stop"):
        async with running("timeit", ("-n1", "-r1", "-s", IGNORE_SIGTERM, SLEEP), stops_within=A_MOMENT) as deaf:
            pass
    assert not psutil.pid_exists(deaf.pid)


async def test_what_a_module_prints_is_given_back() -> None:
    assert b"bare_client" in await output_of("perf", ("list",), within=SOON, cpu=A_CPU)


@pytest.mark.parametrize(("args", "within"), [(("none",), SOON), (("origin",), A_MOMENT)])
async def test_a_module_that_fails_or_lasts_too_long_is_an_error(args: tuple[str, ...], within: timedelta) -> None:
    with pytest.raises(ProcessError):
        await output_of("perf", args, within=within)
