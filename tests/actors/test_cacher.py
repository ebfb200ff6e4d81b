"""The cacher: reads what it is told of, whatever becomes of one of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from actors.cacher import Cacher
from actors.measures import RESTARTS
from engine.errors import OverloadedError
from engine.runtime import Child, Mailbox, State, Strategy, Supervisor
from tests.conftest import eventually


class Readings:
    """What was read; the first reading of "slow" does not end, and "bad" fails."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def read(self, name: str) -> bytes:
        self.names.append(name)
        if name == "bad":
            raise OverloadedError
        if self.names == ["slow"]:
            await asyncio.get_running_loop().create_future()
        return b""


@asynccontextmanager
async def at_work(readings: Readings) -> AsyncIterator[Mailbox[str]]:
    inbox: Mailbox[str] = Mailbox("just_over", capacity=4)
    child = Child(
        name="cacher",
        build=lambda: Cacher(inbox=inbox, read=readings.read),
    )
    root = Supervisor(name="root", children=[child], strategy=Strategy.ONE_FOR_ONE, policy=RESTARTS, random=Random(7))
    async with asyncio.TaskGroup() as group:
        group.create_task(root.run())
        await eventually(lambda: root.tree().state is State.RUNNING)
        yield inbox
        await root.drain()


async def test_one_that_cannot_be_read_is_passed_over() -> None:
    readings = Readings()
    async with at_work(readings) as inbox:
        assert all(inbox.offer(name) for name in ("one", "bad", "two"))
        await eventually(lambda: readings.names == ["one", "bad", "two"])


async def test_a_drain_does_not_wait_for_what_nobody_will_ask_for_any_more() -> None:
    readings = Readings()
    async with at_work(readings) as inbox:
        inbox.offer("slow")
        await eventually(lambda: readings.names == ["slow"])
        inbox.offer("one")
    assert readings.names == ["slow"]


async def test_killed_over_a_reading_its_successor_goes_on_with_the_next() -> None:
    readings = Readings()
    async with at_work(readings) as inbox:
        inbox.offer("slow")
        await eventually(lambda: readings.names == ["slow"])
        next(task for task in asyncio.all_tasks() if task.get_name() == "cacher").cancel()
        inbox.offer("one")
        await eventually(lambda: readings.names == ["slow", "one"])
