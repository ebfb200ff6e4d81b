"""A process that starts again in place."""

import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from actors.rebirth import MOST, TIMES, WINDOW_S, Rebirth
from tests.actors import reborn

ROOT = Path(__file__).parents[2]


def test_who_connects_is_accepted_by_one_of_the_lives_of_one_process() -> None:
    command = [sys.executable, "-m", reborn.__name__]
    with ExitStack() as opened:
        process = opened.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        opened.callback(process.kill)
        assert process.stdout is not None
        address = ("127.0.0.1", int(process.stdout.readline()))
        clients = [opened.enter_context(socket.create_connection(address, timeout=20)) for _ in range(MOST + 1)]
        answers = [client.makefile().read() for client in clients]
        assert answers == [*[f"{process.pid} True"] * MOST, f"{process.pid} False"]
        assert process.wait(20) == 0


def test_what_was_long_ago_does_not_count() -> None:
    times = {TIMES: " ".join(["100.0"] * MOST)}
    assert not Rebirth(times, now=lambda: 100.0 + WINDOW_S - 1).may_begin
    assert Rebirth(times, now=lambda: 100.0 + WINDOW_S).may_begin
