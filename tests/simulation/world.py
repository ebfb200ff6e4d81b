"""A story from its seed to its end: processes that live one after the other on one file, and what must hold of them."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from engine.jobs.ids import Ids
from engine.storage.check import check
from tests.contracts.stores import a_file
from tests.simulation.books import Books
from tests.simulation.faults import Fault, Faults
from tests.simulation.loop import Clock
from tests.simulation.process import Process, Setting, Work
from tests.simulation.results import wrong_results
from tests.simulation.small import SmallSystem
from tests.simulation.story import Story
from tests.simulation.trace import Trace
from tests.simulation.work import all_work, some_work

SHARED_MEMORY = "/dev/shm"
"""Where a commit's fsync costs nothing."""


class Violation(Exception):  # noqa: N818 - named after what happened
    """What must not be was."""

    def __init__(self, seed: int, what: str, lines: list[str]) -> None:
        super().__init__(seed, what, lines)
        self.seed = seed
        self.what = what
        self.lines = lines

    def __str__(self) -> str:
        return "\n".join(
            [*self.lines, f"seed {self.seed}: {self.what}", f"again: python -m tests.simulation {self.seed}"]
        )


class World:
    """Made for one story."""

    def __init__(self, seed: int, *, folder: Path, system: type[SmallSystem]) -> None:
        self._seed = seed
        self._folder = folder
        self._random = Random(seed)
        self._story = Story.drawn(self._random)
        self.clock = Clock()
        self.trace = Trace(clock=self.clock)
        self._books = Books(fail=self._fail)
        self._violations: list[str] = []
        self._path = a_file(folder)
        self._lives = 0
        self._end: Callable[[], None] = lambda: None
        self._setting = Setting(
            story=self._story,
            random=self._random,
            clock=self.clock,
            trace=self.trace,
            books=self._books,
            ids=Ids(wall=self.clock.wall, random_bits=self._random.getrandbits),
            submits=[],
            fail=self._fail,
            system=system,
        )

    def tell(self) -> None:
        """Raises Violation."""
        self.trace.add(self._story)
        for seconds in self._story.lives_s:
            self._live(self._story.faults, partial(some_work, seconds=seconds))
        survived = tuple(fault for fault in self._story.faults if fault is not Fault.DEATH)
        if not self._live(survived, partial(all_work, rough_s=self._story.rough_s)):
            self._live((), partial(all_work, rough_s=0.0))
        for finding in (*check(self._path), *wrong_results(self._path, self._books)):
            self._fail(finding)
        self._judge()

    def _live(self, kinds: tuple[Fault, ...], work: Work) -> bool:
        """Did the process reach what it was to work for?"""
        self._lives += 1
        process = Process(
            self._setting,
            path=self._path,
            next_path=self._folder / f"life{self._lives}" / self._path.name,
            faults=self._faults(kinds),
        )
        self._end = process.loop.die
        self._path = process.live(work)
        self._judge()
        return process.has_reached_its_end

    def _faults(self, kinds: tuple[Fault, ...]) -> Faults:
        return Faults(
            random=self._random,
            clock=self.clock,
            kinds=kinds,
            is_storm=self._story.is_storm,
            lease_s=self._story.size.lease_s,
            tell=self.trace.add,
        )

    def _fail(self, what: str) -> None:
        self.trace.add("VIOLATION", what)
        self._violations.append(what)
        self._end()

    def _judge(self) -> None:
        if self._violations:
            raise Violation(self._seed, self._violations[0], list(self.trace.lines))


def simulate(seed: int, system: type[SmallSystem] = SmallSystem) -> str:
    """The hash of all that happened. Raises Violation."""
    place = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
    with TemporaryDirectory(prefix="simulation-", dir=place) as folder:
        world = World(seed, folder=Path(folder), system=system)
        world.tell()
        return world.trace.hash
