"""Places are given in the order of asking, in time that passes only when nobody has anything to do."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from engine.errors import StoreBusyError
from engine.storage.postgres.line import Line
from tests.virtual_time import run_virtual

visits = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.none() | st.integers(0, 6)), min_size=1, max_size=30
)


class Hall:
    """Whoever visits comes, stays, and may be cancelled at any time; all on whole seconds, to meet one another."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.line = Line(places)
        self.inside = 0
        self.waited: list[int] = []
        self.let_in: list[int] = []
        self.busy = 0

    async def visit(self, number: int, comes_at: int, stays: int) -> None:
        await asyncio.sleep(comes_at)
        if self.line.offer():
            assert not self.line.waiting
        else:
            self.waited.append(number)
            try:
                await self.line.enter(within_s=4.0, or_else=StoreBusyError)
            except StoreBusyError:
                self.busy += 1
                return
            self.let_in.append(number)
        self.inside += 1
        assert self.inside <= self.places
        try:
            await asyncio.sleep(stays)
        finally:
            self.inside -= 1
            self.line.leave()


async def _all(hall: Hall, plan: list[tuple[int, int, int | None]]) -> None:
    loop = asyncio.get_running_loop()
    tasks, cancels = [], []
    for number, (comes_at, stays, cancelled_after) in enumerate(plan):
        task = loop.create_task(hall.visit(number, comes_at, stays))
        tasks.append(task)
        if cancelled_after is not None:
            cancels.append(loop.create_task(_cancel(task, comes_at + cancelled_after)))
    await asyncio.wait([*tasks, *cancels])
    assert all(task.cancelled() or task.exception() is None for task in tasks)


async def _cancel(task: asyncio.Task[None], after: int) -> None:
    """In a turn of its own, so that it can come between the grant of a place and its taking."""
    await asyncio.sleep(after)
    await asyncio.sleep(0)
    task.cancel()


@given(places=st.integers(1, 3), plan=visits)
def test_all_are_let_in_in_order_and_no_place_is_lost(places: int, plan: list[tuple[int, int, int | None]]) -> None:
    hall = Hall(places)
    run_virtual(_all(hall, plan))
    assert hall.let_in == [number for number in hall.waited if number in set(hall.let_in)]
    assert (hall.line.free, hall.line.waiting, hall.inside) == (places, 0, 0)


def test_who_waited_too_long_is_refused_and_the_next_is_not() -> None:
    hall = Hall(1)
    run_virtual(_all(hall, [(0, 5, None), (0, 0, None), (3, 0, None)]))
    assert (hall.let_in, hall.busy) == ([2], 1)
