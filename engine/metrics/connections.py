"""Counts what happens to pools of database connections; how they stand is read from themselves at a scrape."""

from collections.abc import Callable
from typing import Any, Protocol

from engine.metrics.catalogue import Catalogue


class Standing(Protocol):
    """What a pool says of itself."""

    @property
    def size(self) -> int: ...
    @property
    def checked_out(self) -> int: ...


class ConnectionMetrics:
    """All pools of the process together. `tell` is told of each leak."""

    def __init__(self, *, catalogue: Catalogue, tell: Callable[[Any], None]) -> None:
        self._pools: list[Standing] = []
        self._leaks = catalogue.db_connection_leaks
        self._tell = tell
        self.opened: Callable[[], None] = catalogue.db_connections_created.inc
        self.closed: Callable[[], None] = catalogue.db_connections_closed.inc
        self.failed: Callable[[], None] = catalogue.db_connection_errors.inc
        self.saw_snapshot: Callable[[float], None] = catalogue.db_oldest_snapshot.set
        self.waited: Callable[[float], None] = catalogue.db_connection_wait.observe
        self.timed_out: Callable[[], None] = catalogue.db_connection_timeouts.inc
        catalogue.db_connection_pool_size.set_function(lambda: sum(pool.size for pool in self._pools))
        catalogue.db_connection_pool_checked_out.set_function(lambda: sum(pool.checked_out for pool in self._pools))

    def watches(self, pool: Standing) -> None:
        self._pools.append(pool)

    def unwatches(self, pool: Standing) -> None:
        if pool in self._pools:
            self._pools.remove(pool)

    def leaked(self, leak: Any) -> None:
        self._leaks.inc()
        self._tell(leak)
