"""Every JobStore there is, each opened on nothing, with a clock that is turned by hand."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import lru_cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Protocol

from engine.jobs.ports import Ends, JobStore
from engine.runtime import Threads, inline
from engine.storage.clock import StoreClock
from engine.storage.memory import MemoryStore
from engine.storage.migrate import migrate
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.opening import opened
from engine.storage.postgres.store import PostgresStore
from engine.storage.sqlite import SqliteStore
from tests.servers.postgres import fresh_database, new_database

LIMITS = PoolLimits(size=2, overflow=2)

START = 1_700_000_000.0
Ended = Callable[[Ends], object]
UNHEARD: Ended = lambda _: None  # noqa: E731


class Hand:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.turned_s = 0.0
        self.jumped_s = 0.0

    def turn(self, seconds: float) -> None:
        self.turned_s += seconds

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock; no time passes."""
        self.jumped_s += seconds

    def now(self) -> float:
        return START + self.turned_s

    def clock(self) -> StoreClock:
        return StoreClock(wall=lambda: self.now() + self.jumped_s, monotonic=lambda: self.turned_s)


@lru_cache(maxsize=1)
def _blank() -> Path:
    path = Path(mkdtemp(prefix="cfscraper-")) / "blank.db"
    migrate(f"sqlite:///{path}")
    return path


def a_file(folder: Path) -> Path:
    """With the schema and nothing in it."""
    return Path(shutil.copy(_blank(), folder / "jobs.db"))


@asynccontextmanager
async def memory(
    _: Path, hand: Hand, result_ttl_s: float | None = None, ended: Ended = UNHEARD
) -> AsyncIterator[JobStore]:
    yield MemoryStore(clock=hand.clock(), result_ttl_s=result_ttl_s, ended=ended)


@asynccontextmanager
async def sqlite(
    folder: Path, hand: Hand, result_ttl_s: float | None = None, ended: Ended = UNHEARD
) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(
        a_file(folder), write=inline, read=inline, clock=hand.clock(), result_ttl_s=result_ttl_s, ended=ended
    )
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def sqlite_in_threads(
    folder: Path, hand: Hand, result_ttl_s: float | None = None, ended: Ended = UNHEARD
) -> AsyncIterator[JobStore]:
    write, read = Threads("write", 1), Threads("read", 2)
    store = await SqliteStore.open(
        a_file(folder), write=write, read=read, clock=hand.clock(), result_ttl_s=result_ttl_s, ended=ended
    )
    try:
        yield store
    finally:
        await store.close()
        await read.close()
        await write.close()


class HandClock(ServerClock):
    """Turned by hand instead of asked for."""

    def __init__(self, hand: Hand) -> None:
        super().__init__(monotonic=lambda: hand.turned_s)
        self._hand = hand

    def now(self) -> float:
        return self._hand.now()

    async def look(self, _: object) -> float:
        return self._hand.now()

    def heard(self, *_: float) -> float:
        return self._hand.now()


@lru_cache(maxsize=1)
def blank_server() -> str:
    """The name of a database with the schema and nothing in it, a template for others."""
    return new_database(migrate)


@asynccontextmanager
async def postgres(
    _: Path, hand: Hand, result_ttl_s: float | None = None, ended: Ended = UNHEARD
) -> AsyncIterator[PostgresStore]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fresh_database(template=blank_server()))
        clock = HandClock(hand)
        draw = Random(1).random
        opening = opened(url, limits=LIMITS, clock=clock, draw=draw, result_ttl_s=result_ttl_s, ended=ended)
        yield await stack.enter_async_context(opening)


class Way(Protocol):
    """How a store is opened. `result_ttl_s`: how long it keeps results; None: for good. `ended` is told of Ends."""

    def __call__(
        self, folder: Path, hand: Hand, /, result_ttl_s: float | None = None, ended: Ended = UNHEARD
    ) -> AbstractAsyncContextManager[JobStore]: ...


STORES: dict[str, Way] = {
    "memory": memory,
    "sqlite": sqlite,
    "sqlite_in_threads": sqlite_in_threads,
    "postgres": postgres,
}
