"""The JobStore on a PostgreSQL server, for any number of processes."""

from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.heir import LocalHeir
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.store import PostgresStore

__all__ = ["LocalHeir", "PoolLimits", "PostgresStore", "ServerClock"]
