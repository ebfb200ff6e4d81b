"""How long somebody keeps a snapshot: as long, what died since is walked over by each statement that comes by."""

from asyncpg import Connection

OLDEST = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 FROM pg_stat_activity
    WHERE backend_xmin IS NOT NULL AND datname = current_database() AND backend_type <> 'autovacuum worker'
"""


async def oldest_s(connection: Connection) -> float:
    """The asking transaction's own, if there is no other. What other roles do is seen by members of pg_monitor."""
    found: float = await connection.fetchval(OLDEST)
    return found
