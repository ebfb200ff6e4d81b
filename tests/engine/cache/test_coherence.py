"""Whatever readers and writers of one process do at once: nobody reads less than was known when he asked.

Known is what a write was answered for, and what anybody has read while no write was under way: between its commit and
its drop nobody here knows of a write yet, and of two who read then one may get what was so before.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.cache.flight import Loaded
from engine.cache.read_through import ReadThrough
from tests.engine.cache.loads import Fleet, a_reader, turns
from tests.engine.metrics.panel import Clock

FEW = st.integers(0, 5)
acts = st.tuples(st.sampled_from(["read", "read", "write", "cancel"]), FEW, FEW, st.booleans())
"""What, after how many turns of the others, taking how many; and may the value be kept?"""


class World:
    """One value, counted up by each write."""

    def __init__(self, reader: ReadThrough) -> None:
        self.stored = 0
        self.known = 0
        self._under_way = 0
        self._reader = reader

    async def act(self, what: str, after: int, takes: int, *, may_keep: bool) -> None:
        await turns(after)
        if what == "write":
            await self._write(takes)
        elif what == "read":
            await self._read(takes, may_keep=may_keep)
        else:
            reading = asyncio.ensure_future(self._read(takes, may_keep=may_keep))
            await turns(takes)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            assert reading.cancelled() or reading.exception() is None

    async def _write(self, takes: int) -> None:
        await turns(takes)
        self.stored += 1
        mine = self.stored
        self._under_way += 1
        await turns(takes)
        await self._reader.drop(["k:1"])
        self._under_way -= 1
        self.known = max(self.known, mine)

    async def _read(self, takes: int, *, may_keep: bool) -> None:
        known = self.known
        read = int(await self._reader.read("k:1", partial(self._load, takes, may_keep=may_keep)))
        assert read >= known
        if not self._under_way:
            self.known = max(self.known, read)

    async def _load(self, takes: int, *, may_keep: bool) -> Loaded:
        await turns(takes)
        seen = self.stored
        await turns(takes)
        return b"%d" % seen, 60.0 if may_keep else 0.0


OVERTAKEN = [
    ("read", 0, 2, False),
    ("read", 1, 0, True),
    ("write", 0, 3, False),
    ("read", 0, 0, False),
    ("read", 5, 0, False),
    ("write", 0, 0, False),
]
"""A load that one write overtakes brings what the other has changed, while what was so before is kept beside it."""


@settings(deadline=None, max_examples=500)
@example(steps=OVERTAKEN, shared=None)
@example(steps=OVERTAKEN, shared=0)
@given(steps=st.lists(acts, min_size=3, max_size=12), shared=st.sampled_from([None, 0, 3]))
def test_no_reader_gets_less_than_was_known_when_he_asked(
    steps: Sequence[tuple[str, int, int, bool]], shared: int | None
) -> None:
    clock = Clock()
    fleet = None if shared is None else Fleet(clock, turns=shared)
    world = World(a_reader(clock, shared=fleet))

    async def all_at_once() -> None:
        async with asyncio.TaskGroup() as tasks:
            for step in steps:
                tasks.create_task(world.act(*step[:3], may_keep=step[3]))
        await world.act("read", 0, 0, may_keep=False)

    asyncio.run(all_at_once())
