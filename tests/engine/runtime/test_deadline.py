import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.runtime import Aborted, Deadline, DeadlineExpired
from tests.virtual_time import run_virtual


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_block_that_takes_too_long_ends_with_deadline_expired() -> None:
    deadline = Deadline(2)
    with pytest.raises(DeadlineExpired), deadline:
        await asyncio.sleep(60)
    assert (now(), deadline.expired, deadline.aborted_by) == (2, True, None)


@pytest.mark.parametrize("seconds", [None, 3])
async def test_a_block_that_ends_in_time_is_left_alone(seconds: float | None) -> None:
    with Deadline(seconds) as deadline:
        await asyncio.sleep(2)
    await asyncio.sleep(60)
    assert not deadline.expired


async def test_no_time_at_all_ends_the_first_wait() -> None:
    with pytest.raises(DeadlineExpired), Deadline(-1):
        await asyncio.sleep(60)
    assert now() == 0


@given(parts=st.integers(1, 9))
def test_in_however_many_parts_the_time_is_the_same(parts: int) -> None:
    async def ends_in_time() -> None:
        with pytest.raises(DeadlineExpired), Deadline(5, parts=parts):
            await asyncio.sleep(60)
        assert now() == pytest.approx(5)

    run_virtual(ends_in_time())


async def test_errors_of_the_block_go_up_as_they_are() -> None:
    with pytest.raises(LookupError), Deadline(1):
        raise LookupError


async def test_an_abort_ends_the_block_with_its_reason() -> None:
    deadline = Deadline(60)
    asyncio.get_running_loop().call_later(2, deadline.abort, "the lease was lost")
    with pytest.raises(Aborted, match="the lease was lost") as caught, deadline:
        await asyncio.sleep(30)
    assert (caught.value.reason, deadline.aborted_by, now()) == ("the lease was lost",) * 2 + (2,)
    assert not deadline.expired


async def test_an_abort_before_the_block_ends_its_first_wait_and_the_first_reason_stays() -> None:
    deadline = Deadline(None)
    deadline.abort("early")
    deadline.abort("again")
    with pytest.raises(Aborted, match="early"), deadline:
        await asyncio.sleep(30)


async def test_a_block_may_abort_itself() -> None:
    async def aborts_itself() -> None:
        with Deadline(None) as deadline:
            deadline.abort("myself")
            await asyncio.sleep(30)

    with pytest.raises(Aborted, match="myself"):
        await aborts_itself()


async def test_a_block_that_ends_before_its_abort_arrives_has_ended() -> None:
    with Deadline(None) as deadline:
        deadline.abort("late")
    await asyncio.sleep(1)


async def test_of_two_that_expire_together_the_outer_one_is_heard() -> None:
    inner = Deadline(2)
    with pytest.raises(DeadlineExpired), Deadline(2), inner:
        await asyncio.sleep(60)
    assert inner.expired
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]  # a test is a task


async def test_a_deadline_in_a_task_that_cleans_up_after_its_cancellation_works() -> None:
    expired: list[float] = []

    async def cleans_up() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            with pytest.raises(DeadlineExpired), Deadline(1):
                await asyncio.sleep(60)
            expired.append(now())

    task = asyncio.create_task(cleans_up())
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
    assert expired == [2]


def test_a_deadline_needs_a_task() -> None:
    with pytest.raises(RuntimeError), Deadline(1):
        pass


moments = st.integers(0, 4)


@settings(deadline=None, max_examples=300)
@example(seconds=1, work=1, abort=1, cancel=1)
@given(seconds=moments, work=moments, abort=moments, cancel=moments)
def test_a_cancellation_from_outside_always_wins_and_nothing_is_left_behind(
    seconds: int, work: int, abort: int, cancel: int
) -> None:
    deadline = Deadline(seconds)
    heard: list[str] = []

    async def watched() -> None:
        try:
            with deadline:
                await asyncio.sleep(work)
            heard.append("work")
        except DeadlineExpired:
            heard.append("expired")
        except Aborted:
            heard.append("aborted")
        assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]  # it is one
        await asyncio.sleep(1)

    async def scenario() -> None:
        task = asyncio.create_task(watched())
        loop = asyncio.get_running_loop()
        loop.call_later(abort, deadline.abort, "abort")
        was_in_time = loop.create_future()
        loop.call_later(cancel, lambda: was_in_time.set_result(task.cancel()))
        await asyncio.wait((task,))
        assert task.cancelled() == await was_in_time
        first = min(seconds, work, abort)
        ways = {"expired": seconds, "work": work, "aborted": abort}
        assert not heard or ways[heard[0]] == first

    run_virtual(scenario())
