"""Brings a server's database to the schema of this release, one process at a time.

Others go on while it runs: no step waits for a lock for longer than a second, and what could not have one is tried
again from its beginning.
"""

import asyncio

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from engine.errors import StoreError
from engine.storage.address import dsn

WAITS_FOR_A_LOCK_S = 1
TRIES = 30
ONE_AT_A_TIME = 7_266_512_301
"""The advisory lock of whoever migrates."""
LOCK_NOT_AVAILABLE = "55P03"
FIT_FOR_A_POOLER = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}
"""No statement is known beyond the transaction that it is made in."""


def migrate_server(url: str, orders: Config, revision: str) -> None:
    asyncio.run(_migrate(url, orders, revision))


async def _migrate(url: str, orders: Config, revision: str) -> None:
    database = create_async_engine(
        dsn(url).replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool, connect_args=FIT_FOR_A_POOLER
    )
    for tries_left in reversed(range(TRIES)):
        try:
            async with database.connect() as connection:
                await connection.run_sync(_upgrade, orders, revision)
        except (DBAPIError, OSError) as error:
            if not tries_left or getattr(getattr(error, "orig", None), "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise StoreError(f"the database cannot be migrated: {error}") from error
            await asyncio.sleep(WAITS_FOR_A_LOCK_S)
        else:
            return


def _upgrade(connection: Connection, orders: Config, revision: str) -> None:
    with connection.begin():
        connection.execute(text(f"SET LOCAL lock_timeout = '{WAITS_FOR_A_LOCK_S}s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        orders.attributes["connection"] = connection
        command.upgrade(orders, revision)
