"""A whole system without a disk and without a web: a store in memory, fetches that a test lets end, virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from actors.measures import Measures
from actors.system import System
from engine.jobs.outcome import Outcome
from engine.jobs.ports import Credit, Sink
from engine.jobs.request import Request
from engine.jobs.verdict import Rules
from engine.runtime import Credits
from engine.storage.clock import StoreClock
from engine.storage.memory import MemoryStore
from tests.actors.stage import Unmoved
from tests.contracts.budget import BUDGET_BYTES
from tests.engine.jobs.builders import a_page


class Web:
    """Answers after `takes_s`; remembers what was asked for, how many at once, and which were broken off when."""

    def __init__(self, *, takes_s: float) -> None:
        self._takes_s = takes_s
        self.asked: list[str] = []
        self.broken_off: dict[str, float] = {}
        self.open = self.most_open = 0
        self.failing: set[str] = set()

    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:  # noqa: ARG002 - the port's
        self.asked.append(request.url)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await asyncio.sleep(self._takes_s)
        except asyncio.CancelledError:
            self.broken_off[request.url] = asyncio.get_running_loop().time()
            raise
        finally:
            self.open -= 1
        return a_page(status_code=503 if request.url in self.failing else 200)


@asynccontextmanager
async def playing(web: Web, *, concurrency: int) -> AsyncIterator[System]:
    """Runs from entry to exit, and drains then."""
    time = asyncio.get_running_loop().time
    measures = Measures(concurrency=concurrency, lease_s=30.0, grace_s=1.0, random=Random(7))
    system = System(
        store=MemoryStore(clock=StoreClock(wall=time, monotonic=time)),
        fetch=web,
        credits=Credits(BUDGET_BYTES),
        rules=Rules(job_timeout_s=300.0, now=time, draw=Random(7).random),
        owner="me",
        measures=measures,
        instruments=Unmoved(),
    )
    root = system.tree()
    async with asyncio.TaskGroup() as group:
        group.create_task(root.run())
        yield system
        await root.drain()
