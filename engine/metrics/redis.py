"""Counts what happens between this process and Redis; its pool is shown by who looks after it."""

from collections.abc import Callable

from engine.metrics.catalogue import Catalogue

OPERATIONS = ("get", "put", "drop", "probe")


class RedisMetrics:
    def __init__(self, *, catalogue: Catalogue) -> None:
        self._took = {name: catalogue.redis_operation_duration.labels(name) for name in OPERATIONS}
        self._up = catalogue.redis_up
        self._size = catalogue.redis_connection_pool_size
        self._available = catalogue.redis_connection_pool_available
        self.connected: Callable[[], None] = catalogue.redis_connections_created.inc
        self.disconnected: Callable[[], None] = catalogue.redis_connections_closed.inc
        self.failed: Callable[[], None] = catalogue.redis_connection_errors.inc
        self.piped: Callable[[], None] = catalogue.redis_pipeline_operations.inc
        self.unreadable: Callable[[], None] = catalogue.redis_unreadable_values.inc

    def took(self, operation: str, seconds: float) -> None:
        self._took[operation].observe(seconds)

    def stands(self, *, is_up: bool, connections: int, available: int) -> None:
        self._up.set(is_up)
        self._size.set(connections)
        self._available.set(available)
