"""Opens the store that the settings name, with what comes with it: its clock, its journal, what hears from others.

What the settings do not ask for is not imported.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from random import Random
from time import monotonic, time

from config.settings import Settings
from engine.jobs.pace import EAGER, Pace
from engine.jobs.ports import Bell, Ends, Heir, JobStore, Journal
from engine.metrics.connections import ConnectionMetrics
from engine.runtime import Threads
from engine.storage.clock import StoreClock
from engine.storage.revision import is_current

READERS = 2
"""Threads that read the database beside the one that writes."""
WRITERS = 2
"""While the server is at one batch the next is made; more bring nothing (perf/FINDINGS.md)."""
LOG_BYTES = 32 * 1024 * 1024
"""What 4,000 pages write, which is half a second's flood."""
UNHURRIED = Pace(promote=16, rescue=8, tidy=80, figures=10, idle_s=20.0)
"""A server is asked less often, by a worker at rest less than once a second, with what the pool asks before it: what
there is to tell of work comes by itself. A job whose holder died waits four seconds at most beyond its lease."""


Tell = Callable[[Mapping[str, int]], None]
Ended = Callable[[Ends], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open store."""

    store: JobStore
    now: Callable[[], float]
    """Its time, which the wall clock's jumps do not move."""
    journal: Journal
    bell: Bell | None = None
    heir: Heir | None = None
    """Both are None for who has the store for himself."""
    pace: Pace = EAGER
    writers: int = 1
    """Transactions that go on side by side, and faster so than one by one."""


def opened(
    settings: Settings, *, owner: str, watch: ConnectionMetrics, say: Callable[[str], None], tell: Tell, ended: Ended
) -> AbstractAsyncContextManager[Database]:
    """Brings the schema up to date first, if it may. Raises StoreError.

    `say` is told why other processes are not heard, where there may be some; `tell` how many jobs of processes that
    died here met which fate, `ended` the store's Ends.
    """
    return _file(settings, tell, ended) if settings.is_embedded else _server(settings, owner, watch, say, tell, ended)


@asynccontextmanager
async def _file(settings: Settings, tell: Tell, ended: Ended) -> AsyncIterator[Database]:
    from engine.storage.sqlite import SqliteStore  # noqa: PLC0415 - see above

    write, read = Threads("write", 1), Threads("read", READERS)
    if settings.run_migrations and not is_current(settings.database_path):
        await write(_migration(settings.database_url))
    clock = StoreClock(wall=time, monotonic=monotonic)
    store = await SqliteStore.open(
        settings.database_path,
        write=write,
        read=read,
        clock=clock,
        log_bytes=LOG_BYTES,
        result_ttl_s=settings.result_ttl,
        ended=ended,
    )
    try:
        if store.recovered:
            tell(store.recovered)
        yield Database(store=store, now=clock.now, journal=store.journal)
    finally:
        await store.close()
        await read.close()
        await write.close()


@asynccontextmanager
async def _server(
    settings: Settings, owner: str, watch: ConnectionMetrics, say: Callable[[str], None], tell: Tell, ended: Ended
) -> AsyncIterator[Database]:
    from engine.storage.hands import folder_of, journal_of_owner  # noqa: PLC0415 - see above
    from engine.storage.postgres import LocalHeir, PoolLimits, ServerClock, opening  # noqa: PLC0415

    limits = PoolLimits(
        size=settings.db_pool_size,
        overflow=settings.db_max_overflow,
        timeout_s=settings.db_pool_timeout,
        recycle_s=settings.db_pool_recycle,
        pre_ping=settings.db_pool_pre_ping,
        is_pooled=settings.db_pooler != "none",
    )
    url, folder = settings.database_url, folder_of(settings.database_url)
    if settings.run_migrations and not await opening.is_current(url, limits):
        await _migrate(url)
    clock = ServerClock(monotonic=monotonic)
    opening_store = opening.opened(
        url,
        limits=limits,
        clock=clock,
        draw=Random().random,  # noqa: S311 - jitter
        listen_url=settings.listen_url,
        say=say,
        result_ttl_s=settings.result_ttl,
        watch=watch,
        ended=ended,
    )
    async with opening_store as store, _threads("heir") as look:
        heir = LocalHeir(store=store, folder=folder, look=look, wall=time, tell=tell)
        await heir.take_over()
        with journal_of_owner(folder, owner) as journal:
            yield Database(
                store=store, now=clock.now, journal=journal, bell=store, heir=heir, pace=UNHURRIED, writers=WRITERS
            )


async def _migrate(url: str) -> None:
    async with _threads("migrate") as thread:
        await thread(_migration(url))


@asynccontextmanager
async def _threads(name: str) -> AsyncIterator[Threads]:
    """One of them."""
    thread = Threads(name, 1)
    try:
        yield thread
    finally:
        await thread.close()


def _migration(url: str) -> Callable[[], None]:
    from engine.storage.migrate import migrate  # noqa: PLC0415 - Alembic is loaded only where there is something to do

    return lambda: migrate(url)
