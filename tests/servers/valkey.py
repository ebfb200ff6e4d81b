"""The server of perf/servers/valkey.py for tests, alone or as a cluster of three masters with a replica each."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest

from perf.servers.child import free_port
from perf.servers.valkey import HOST, Valkey, a_valkey, binary

__all__ = ["Cluster", "Valkey", "cluster", "valkey"]

WHOLE_WITHIN_S = 25.0
SLOTS = 16384
MASTERS = 3
NODE_TIMEOUT_MS = 500


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
    """Raises pytest's skip, by name, where there is none."""
    try:
        binary()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with a_valkey(*options) as server:
        yield server


@contextmanager
def cluster() -> Iterator[Cluster]:
    with ExitStack() as stack:
        nodes = [stack.enter_context(valkey(*_cluster_options())) for _ in range(2 * MASTERS)]
        yield Cluster(nodes[:MASTERS], nodes[MASTERS:])


def until(condition: Callable[[], bool], *, within_s: float = WHOLE_WITHIN_S) -> None:
    ends_at = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_at, f"it did not come true within {within_s} s"
        time.sleep(0.005)


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
