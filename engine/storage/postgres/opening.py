"""Opens the store on a server: its schema's revision and its time are asked for, nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

from asyncpg import UndefinedTableError

from engine.errors import SchemaBehindError
from engine.storage.news import News
from engine.storage.postgres.bell import Bell
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.pool import UNWATCHING, Pool
from engine.storage.postgres.store import PostgresStore
from engine.storage.postgres.watch import PoolWatch
from engine.storage.revision import HEAD

REVISION = "SELECT version_num FROM alembic_version"


@asynccontextmanager
async def opened(
    url: str,
    *,
    limits: PoolLimits,
    clock: ServerClock,
    draw: Callable[[], float],
    listen_url: str | None = None,
    watch: PoolWatch = UNWATCHING,
) -> AsyncIterator[PostgresStore]:
    """`listen_url` leads past a pooler.

    Raises SchemaBehindError, or another StoreError where there is no such server.
    """
    pool = await Pool.open(url, limits=limits, clock=monotonic, watch=watch)
    try:
        await _look(pool, clock)
        news = News()
        bell = Bell(url=listen_url, limits=limits, pool=pool, news=news)
        yield PostgresStore(pool=pool, clock=clock, news=news, bell=bell, draw=draw)
    finally:
        await pool.close()


async def _look(pool: Pool, clock: ServerClock) -> None:
    async with pool.connection() as connection:
        try:
            revision = await connection.fetchval(REVISION)
        except UndefinedTableError:
            revision = None
        await clock.look(connection)
    if revision != HEAD:
        raise SchemaBehindError
