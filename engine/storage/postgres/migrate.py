"""Brings a server's database to the schema of this release, one process at a time.

Others go on while it runs: no step waits for a lock that they then wait for too for longer than a second, and what
could not have one is tried again from its beginning.
"""

import asyncio

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from engine.errors import StoreError
from engine.storage.address import dsn

WAITS_FOR_A_LOCK_S = 1
TRIES = 30
ONE_AT_A_TIME = 7_266_512_301
"""The advisory lock of whoever migrates."""
FIT_FOR_A_POOLER = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}
"""No statement is known beyond the transaction that it is made in."""
STOOD_IN_THE_WAY = frozenset(
    {
        "55P03",  # a lock was not to be had in time
        "40P01",  # a deadlock with who has the next table, and waits for one of ours
    }
)


def migrate_server(url: str, orders: Config, revision: str) -> None:
    asyncio.run(_migrate(url, orders, revision))


async def _migrate(url: str, orders: Config, revision: str) -> None:
    database = _database(url)
    for tries_left in reversed(range(TRIES)):
        try:
            async with database.connect() as connection:
                await connection.run_sync(_upgrade, orders, revision)
        except (DBAPIError, OSError, CommandError) as error:
            if not tries_left or getattr(getattr(error, "orig", None), "sqlstate", None) not in STOOD_IN_THE_WAY:
                raise StoreError(f"the database cannot be migrated: {error}") from error
            await asyncio.sleep(WAITS_FOR_A_LOCK_S)
        else:
            return


def _database(url: str) -> AsyncEngine:
    """Of a URL that cannot be read nothing is told, it may hold a password."""
    try:
        place = dsn(url).replace("postgresql://", "postgresql+asyncpg://", 1)
        return create_async_engine(place, poolclass=NullPool, connect_args=FIT_FOR_A_POOLER)
    except (ArgumentError, ValueError):
        raise StoreError("this is not the URL of a PostgreSQL server") from None


def _upgrade(connection: Connection, orders: Config, revision: str) -> None:
    with connection.begin():
        connection.execute(text(f"SET LOCAL lock_timeout = '{WAITS_FOR_A_LOCK_S}s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        orders.attributes["connection"] = connection
        command.upgrade(orders, revision)
