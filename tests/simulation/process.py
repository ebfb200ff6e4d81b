"""One process's life: it opens the file, works, and then stops in order, gives up, or dies."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from unittest.mock import patch

from actors.measures import Measures
from engine.errors import StoreError
from engine.jobs.command import Submit
from engine.jobs.ids import Ids
from engine.jobs.ports import Journal
from engine.jobs.verdict import Rules
from engine.runtime import Credits, Threads
from engine.storage.clock import StoreClock
from engine.storage.patient import PatientStore
from engine.storage.sqlite import SqliteStore, opening
from engine.storage.sqlite.connection import open_writer
from tests.simulation.books import ROWS, Books
from tests.simulation.eye import Eye
from tests.simulation.faults import Faults
from tests.simulation.loop import Clock, SimulatedLoop
from tests.simulation.platter import Platter
from tests.simulation.small import SmallSystem
from tests.simulation.story import Story
from tests.simulation.trace import Trace
from tests.simulation.watched import WatchedStore
from tests.simulation.web import Web

LOOK_EVERY = 16
"""Steps between two looks at the mailboxes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all processes of a story share."""

    story: Story
    random: Random
    clock: Clock
    trace: Trace
    books: Books
    ids: Ids
    submits: list[Submit]
    fail: Callable[[str], None]
    system: type[SmallSystem]


class Process:
    """Gives its `work` a running store and a system, for as long as it lives."""

    def __init__(self, setting: Setting, *, path: Path, next_path: Path, faults: Faults) -> None:
        self.setting = setting
        self.faults = faults
        self.web = Web(
            random=setting.random, weather=setting.story.weather, books=setting.books, tell=setting.trace.add
        )
        self.loop = SimulatedLoop(clock=setting.clock, random=setting.random, latency=faults.latency)
        self.loop.on_step = self._step
        self._path = path
        self._next_path = next_path
        self._clock = StoreClock(wall=setting.clock.wall, monotonic=setting.clock.monotonic)
        self.has_reached_its_end = False
        self._platter: Platter | None = None
        self._store: SqliteStore | None = None
        self._system: SmallSystem | None = None

    def live(self, work: "Work") -> Path:
        """Where the next one finds the file."""
        life = self.loop.create_task(self._live(work))
        life.add_done_callback(lambda _: self.loop.stop())
        with patch.object(opening, "open_writer", self._opened):
            self.loop.run_forever()
        self.setting.trace.add("lived", self.loop.steps, "steps")
        if self.loop.is_dead:
            self._bury()
            return self._next_path
        life.result()
        for error in self.loop.errors:
            self.setting.fail(error)
        self.loop.close()
        return self._path

    async def _live(self, work: "Work") -> None:
        write, read = Threads("write", 1), Threads("read", 2)
        self._store = store = await SqliteStore.open(self._path, write=write, read=read, clock=self._clock)
        owner = self.setting.ids.owner()
        watched = WatchedStore(store=store, books=self.setting.books)
        self._system = self._built(PatientStore(store=watched, tell=lambda _: None), owner, store.journal)
        self.has_reached_its_end = await work(self, self._system)
        try:
            await self._system.let_go()
        except StoreError:
            self.setting.trace.add("not released")
        else:
            if self._system.credits.held_bytes:
                self.setting.fail(f"{self._system.credits.held_bytes} bytes of memory are held after all was let go")
        await store.close()
        await read.close()
        await write.close()

    def calm(self) -> None:
        """Nothing goes wrong from here on."""
        self.setting.trace.add("calm")
        self.faults.end(self._platter)

    def _built(self, store: PatientStore, owner: str, journal: Journal) -> SmallSystem:
        setting, size = self.setting, self.setting.story.size
        return setting.system(
            size=size,
            store=store,
            fetch=self.web,
            credits=Credits(size.credit_bytes),
            rules=Rules(job_timeout_s=60.0, now=self._clock.now, draw=setting.random.random),
            owner=owner,
            measures=Measures(
                concurrency=size.concurrency,
                lease_s=size.lease_s,
                grace_s=size.grace_s,
                random=setting.random,
                persisters=size.persisters,
            ),
            journal=journal,
            instruments=Eye(clock=setting.clock.monotonic, tell=setting.trace.add),
        )

    def _opened(self, path: Path) -> Platter:
        self._platter = Platter(
            open_writer(path),
            path=path,
            next_path=self._next_path,
            random=self.setting.random,
            on_commit=self._committed,
            on_death=self._died,
        )
        self.setting.books.found(self._platter.rows(ROWS))
        return self._platter

    def _committed(self, platter: Platter) -> None:
        self.setting.books.committed(platter.rows(ROWS), self._clock.now())
        for miscount in platter.miscounts():
            self.setting.fail(miscount)

    def _died(self) -> None:
        self.setting.trace.add("died")
        self.loop.die()
        self.web.die()

    def _bury(self) -> None:
        """Closes what Python would close some time: in the files of the dead, which nobody reads any more."""
        self.loop.bury()
        if self._store is not None:
            self._store._reader._close()
            self._store._lock.release()
        if self._platter is not None:
            self._platter.close()

    def _step(self) -> None:
        if self._platter is not None:
            self.faults.step(self.loop, self._platter)
        if self._system is not None and self.loop.steps % LOOK_EVERY == 0:
            for complaint in self._system.overfull():
                self.setting.fail(complaint)


Work = Callable[[Process, SmallSystem], Awaitable[bool]]
"""Says whether it came to what it was for."""
