"""A process that starts again in place."""

import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.actors import reborn

ROOT = Path(__file__).parents[2]
LIVES = 3


def test_who_connects_is_accepted_by_one_of_the_lives_of_one_process() -> None:
    command = [sys.executable, "-m", reborn.__name__]
    with ExitStack() as opened:
        process = opened.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        opened.callback(process.kill)
        assert process.stdout is not None
        address = ("127.0.0.1", int(process.stdout.readline()))
        clients = [opened.enter_context(socket.create_connection(address, timeout=20)) for _ in range(LIVES)]
        for number, client in enumerate(clients, start=1):
            client.sendall(b"." if number == LIVES else b"!")
        assert [client.makefile().read() for client in clients] == [str(process.pid)] * LIVES
        assert process.wait(20) == 0
