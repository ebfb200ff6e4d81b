"""Whole processes: what signals do to them, and which exit code they leave."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.runtime import Signals
from tests.engine.runtime import daemon


@pytest.fixture
def process(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", daemon.__name__, request.param]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as started:
        yield started
        started.kill()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("process", ["obedient"], indirect=True)
@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_drains(process: subprocess.Popen[str], which: signal.Signals) -> None:
    assert heard(process) == "running"
    process.send_signal(which)
    assert heard(process) == "told"
    assert process.wait(20) == 0


@pytest.mark.parametrize("process", ["announced"], indirect=True)
def test_a_sigterm_is_announced_and_a_second_signal_cuts_that_short(process: subprocess.Popen[str]) -> None:
    assert heard(process) == "running"
    process.send_signal(signal.SIGTERM)
    assert heard(process) == "announced"
    process.send_signal(signal.SIGTERM)
    assert heard(process) == "told"
    assert process.wait(20) == 0


@pytest.mark.parametrize("process", ["announced"], indirect=True)
def test_who_presses_ctrl_c_does_not_wait_for_others_to_hear_of_it(process: subprocess.Popen[str]) -> None:
    assert heard(process) == "running"
    process.send_signal(signal.SIGINT)
    assert heard(process) == "told"
    assert process.wait(20) == 0


@pytest.mark.parametrize("process", ["slow"], indirect=True)
def test_the_second_signal_hurries(process: subprocess.Popen[str]) -> None:
    assert heard(process) == "running"
    process.send_signal(signal.SIGTERM)
    assert heard(process) == "told"
    process.send_signal(signal.SIGTERM)
    assert heard(process) == "cut"
    assert process.wait(20) == 0


async def test_the_first_signal_to_a_process_that_was_to_begin_again_makes_an_end_of_it_without_haste() -> None:
    signals = Signals()
    signals.begin_again()
    signals.came(signal.SIGTERM)
    assert (signals.is_to_begin_again, signals.second.done()) == (False, False)
    signals.came(signal.SIGTERM)
    assert signals.second.done()


@pytest.mark.parametrize("process", ["stuck"], indirect=True)
def test_an_actor_that_never_stops_does_not_keep_the_process(process: subprocess.Popen[str]) -> None:
    assert heard(process) == "running"
    process.send_signal(signal.SIGTERM)
    assert heard(process) == "told"
    process.send_signal(signal.SIGTERM)
    assert heard(process) == "cut"
    assert heard(process) == "stuck"
    assert process.wait(20) == 0


@pytest.mark.parametrize("process", ["done"], indirect=True)
def test_a_tree_that_has_ended_ends_the_process(process: subprocess.Popen[str]) -> None:
    assert heard(process) == "running"
    assert process.wait(20) == 0


@pytest.mark.parametrize("process", ["crashing"], indirect=True)
def test_what_fails_at_once_and_always_ends_the_process_with_1_after_so_many_quiet_tries(
    process: subprocess.Popen[str],
) -> None:
    assert process.stdout is not None
    *told, times = process.stdout.read().splitlines()
    assert process.wait(20) == 1
    tries = daemon.RESTARTS + 1
    of_a_branch = ["running"] * (1 + tries)
    assert told == [*of_a_branch, "gave up"] * tries + ["gave up"]
    passed_s, used_s = map(float, times.split())
    assert passed_s >= (tries * daemon.RESTARTS + daemon.RESTARTS) * daemon.LEAST_DELAY_S
    assert used_s < passed_s / 4
