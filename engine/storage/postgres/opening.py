"""Opens the store on a server: its schema's revision and its time are asked for, nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

from asyncpg import Connection, Record, UndefinedTableError

from engine.errors import SchemaBehindError
from engine.jobs.ports import Ends
from engine.storage.news import News
from engine.storage.postgres.bell import Bell
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.faults import TRANSLATED
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.pool import UNWATCHING, Pool
from engine.storage.postgres.session import connected
from engine.storage.postgres.store import PostgresStore
from engine.storage.postgres.watch import PoolWatch
from engine.storage.revision import HEAD

REVISION = "SELECT version_num FROM alembic_version"


@asynccontextmanager
async def opened(  # noqa: PLR0913 - what a store stands on
    url: str,
    *,
    limits: PoolLimits,
    clock: ServerClock,
    draw: Callable[[], float],
    listen_url: str | None = None,
    say: Callable[[str], None] = lambda _: None,
    watch: PoolWatch = UNWATCHING,
    result_ttl_s: float | None = None,
    ended: Callable[[Ends], object] = lambda _: None,
) -> AsyncIterator[PostgresStore]:
    """`listen_url` leads past a pooler; `result_ttl_s` is how long results stay after their jobs' ends, None: for good.

    `say` is told why notifications are not heard, where they should be; `ended` is told of Ends.
    Raises SchemaBehindError, or another StoreError where there is no such server.
    """
    pool = await Pool.open(url, limits=limits, clock=monotonic, watch=watch)
    try:
        await _look(pool, clock)
        news = News(ended=ended)
        bell = Bell(url=listen_url, limits=limits, pool=pool, news=news, say=say)
        yield PostgresStore(pool=pool, clock=clock, news=news, bell=bell, draw=draw, result_ttl_s=result_ttl_s)
    finally:
        await pool.close()


async def is_current(url: str, limits: PoolLimits) -> bool:
    """Raises StoreError where there is no such server."""
    with TRANSLATED:
        connection = await connected(url, limits)
        try:
            return await _revision(connection) == HEAD
        finally:
            await connection.close(timeout=limits.connect_s)


async def _look(pool: Pool, clock: ServerClock) -> None:
    async with pool.connection() as connection:
        revision = await _revision(connection)
        await clock.look(connection)
    if revision != HEAD:
        raise SchemaBehindError


async def _revision(connection: "Connection[Record]") -> str | None:
    """What Alembic noted; None in an empty database."""
    try:
        found: str | None = await connection.fetchval(REVISION)
    except UndefinedTableError:
        return None
    return found
