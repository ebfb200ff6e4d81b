import asyncio
import threading

import pytest

from engine.runtime import Call, Threads, inline
from tests.conftest import eventually


@pytest.mark.parametrize("kind", ["threads", "inline"])
async def test_a_call_hands_back_what_the_work_returned_or_raised(kind: str) -> None:
    threads = Threads("test", 1)
    call: Call = threads if kind == "threads" else inline
    assert await call(lambda: 1 + 1) == 2
    with pytest.raises(ZeroDivisionError):
        await call(lambda: 1 / 0)
    await threads.close()


async def test_work_runs_in_threads_of_its_own_name_and_no_more_than_asked_for() -> None:
    threads = Threads("writer", 2)
    together = threading.Barrier(2, timeout=10)
    names = await asyncio.gather(
        *(threads(lambda: (together.wait(), threading.current_thread().name)[1]) for _ in range(4))
    )
    assert {name.rsplit("_", 1)[0] for name in names} == {"writer"}
    assert len(set(names)) == 2
    await threads.close()


@pytest.mark.parametrize("is_failing", [False, True])
@pytest.mark.usefixtures("complaints")
async def test_a_cancelled_asker_waits_until_the_thread_has_answered(*, is_failing: bool) -> None:
    threads = Threads("test", 1)
    began, may_end, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        may_end.wait(10)
        done.set()
        if is_failing:
            raise LookupError

    asker = asyncio.create_task(threads(work))
    await eventually(began.is_set)
    asker.cancel()
    await asyncio.wait((asker,), timeout=0.01)
    asker.cancel()
    await asyncio.wait((asker,), timeout=0.01)
    assert not asker.done()
    may_end.set()
    await asyncio.wait((asker,))
    assert done.is_set()
    assert asker.cancelled()
    await threads.close()


async def test_close_waits_for_what_was_asked_and_takes_no_more() -> None:
    threads = Threads("test", 1)
    done: list[int] = []
    askers = [asyncio.create_task(threads(lambda number=number: done.append(number))) for number in range(5)]  # type: ignore[misc]  # mypy infers no lambda with a default
    await asyncio.sleep(0)
    await threads.close()
    assert done == [0, 1, 2, 3, 4]
    await asyncio.wait(askers)
    with pytest.raises(RuntimeError):
        await threads(lambda: None)
