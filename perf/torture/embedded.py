"""A file under torture."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, time

from engine.jobs.ports import JobStore
from engine.runtime import inline
from engine.storage.check import check
from engine.storage.clock import StoreClock
from engine.storage.sqlite import SqliteStore
from perf.torture.migrating import killed_migrating
from perf.torture.unsettled import unsettled
from perf.torture.wal import is_torn


class EmbeddedGround:
    """One process at a time works in it."""

    def __init__(self, folder: Path, name: str = "crash.db") -> None:
        self.path = folder / name
        self.url = f"sqlite:///{self.path}"
        self.log = folder / f"{name}-wal"
        self._folder = folder

    def torn(self) -> int:
        return int(is_torn(self.log))

    async def unsettled(self, *, suspects: bool) -> int:
        return unsettled(self.path, suspects=suspects)

    async def findings(self) -> list[str]:
        return check(self.path)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[JobStore]:
        """Raises StoreDamagedError."""
        clock = StoreClock(wall=time, monotonic=monotonic)
        store = await SqliteStore.open(self.path, write=inline, read=inline, clock=clock)
        try:
            yield store
        finally:
            await store.close()

    async def killed_migrating(self, environment: Mapping[str, str], random: Random) -> tuple[bool, list[str]]:
        with TemporaryDirectory(dir=self._folder) as folder:
            return await killed_migrating(Path(folder), environment, random)
