"""Many deadlines under one timer: each ends its block when it is due, and nothing else."""

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.runtime import DeadlineExpired, Deadlines, TimeLimit
from tests.virtual_time import run_virtual

FOREVER_S = 1000.0
moments = st.integers(0, 4)
blocks = st.lists(st.tuples(st.integers(0, 9), st.integers(-1, 9), st.integers(0, 9)), min_size=1, max_size=20)


def now() -> float:
    return asyncio.get_running_loop().time()


@given(blocks)
@example([(0, 9, 9), (1, 1, 9), (1, 3, 2), (3, 1, 9)])
def test_each_block_ends_in_its_time_however_many_there_are(given: list[tuple[int, int, int]]) -> None:
    """Each begins at some time, has so many seconds, and would take so many."""

    async def ended_at(deadlines: Deadlines, begins: int, seconds: int, takes: int) -> tuple[str, float]:
        await asyncio.sleep(begins)
        try:
            with TimeLimit(deadlines, seconds):
                await asyncio.sleep(takes + 0.5)
        except DeadlineExpired:
            return "expired", now()
        return "done", now()

    async def main() -> None:
        deadlines = Deadlines()
        ends = await asyncio.gather(*(ended_at(deadlines, *block) for block in given))
        for (begins, seconds, takes), (how, at) in zip(given, ends, strict=True):
            assert how == ("done" if takes + 0.5 < seconds else "expired")
            assert at == begins + max(min(takes + 0.5, seconds), 0)

    run_virtual(main())


@given(pauses=st.lists(st.tuples(st.floats(0.01, 0.9), st.floats(0.01, 9)), max_size=5))
def test_paused_time_is_not_used_up_and_pauses_nest(pauses: list[tuple[float, float]]) -> None:
    async def goes_on_and_on(block: TimeLimit) -> None:
        with block:
            for works, rests in pauses:
                await asyncio.sleep(works)
                block.pause()
                block.pause()
                await asyncio.sleep(rests)
                block.resume()
                await asyncio.sleep(rests)
                block.resume()
            await asyncio.sleep(FOREVER_S)

    async def main() -> None:
        with pytest.raises(DeadlineExpired):
            await goes_on_and_on(TimeLimit(Deadlines(), 5))
        assert now() == pytest.approx(5 + sum(2 * rests for _, rests in pauses))

    run_virtual(main())


def test_errors_of_the_block_go_up_as_they_are_and_it_is_forgotten() -> None:
    async def main() -> None:
        deadlines = Deadlines()
        with pytest.raises(LookupError), TimeLimit(deadlines, 1):
            raise LookupError
        await asyncio.sleep(2)

    run_virtual(main())


@settings(deadline=None, max_examples=300)
@example(outer=1, inner=1, work=1, cancel=1)
@given(outer=moments, inner=moments, work=moments, cancel=moments)
def test_a_cancellation_from_outside_always_wins_and_nothing_is_left_behind(
    outer: int, inner: int, work: int, cancel: int
) -> None:
    async def watched(deadlines: Deadlines) -> list[tuple[str, float]]:
        heard = []
        try:
            with TimeLimit(deadlines, outer):
                try:
                    with TimeLimit(deadlines, inner):
                        await asyncio.sleep(work)
                    heard.append(("work", now()))
                except DeadlineExpired:
                    heard.append(("inner", now()))
        except DeadlineExpired:
            heard.append(("outer", now()))
        assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]  # it is one
        await asyncio.sleep(1)
        return heard

    async def main() -> None:
        task = asyncio.create_task(watched(Deadlines()))
        was_in_time = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(cancel, lambda: was_in_time.set_result(task.cancel()))
        await asyncio.wait((task,))
        assert task.cancelled() == await was_in_time
        ends = {"outer": outer, "inner": inner, "work": work}
        for how, at in [] if task.cancelled() else task.result():
            assert at == ends[how] <= min(ends.values())

    run_virtual(main())


def test_a_deadline_needs_a_task() -> None:
    async def main() -> None:
        deadlines, raised = Deadlines(), asyncio.get_running_loop().create_future()

        def outside_of_any() -> None:
            with pytest.raises(RuntimeError), TimeLimit(deadlines, 1):
                pass
            raised.set_result(None)

        asyncio.get_running_loop().call_soon(outside_of_any)
        await raised

    run_virtual(main())
