"""Scopes: who aborts which block of a task, and what wins."""

import asyncio

import pytest

from engine.runtime import Aborted, Scope


async def test_each_block_is_aborted_for_its_own_reason_and_one_after_it_is_not() -> None:
    scope = Scope()
    for reason in ("first", "second"):
        asyncio.get_running_loop().call_later(1, scope.abort, reason)
        asyncio.get_running_loop().call_later(1, scope.abort, "too late to be the reason")
        with pytest.raises(Aborted, match=reason), scope:
            await asyncio.sleep(30)
    with scope:
        await asyncio.sleep(30)


async def test_between_blocks_nothing_is_aborted() -> None:
    scope = Scope()
    scope.abort("before the first")
    with scope:
        await asyncio.sleep(1)
    scope.abort("after it")
    with scope:
        await asyncio.sleep(1)


async def test_a_block_that_ends_before_its_abort_arrives_has_ended_and_so_does_the_next() -> None:
    scope = Scope()
    with scope:
        scope.abort("late")
    with scope:
        await asyncio.sleep(1)


async def test_a_block_may_abort_itself() -> None:
    async def aborts_itself(scope: Scope) -> None:
        with scope:
            scope.abort("myself")
            await asyncio.sleep(30)

    with pytest.raises(Aborted, match="myself"):
        await aborts_itself(Scope())


async def test_errors_of_the_block_go_up_as_they_are() -> None:
    def fails(scope: Scope) -> None:
        with scope:
            scope.abort("late")
            raise LookupError

    with pytest.raises(LookupError):
        fails(Scope())


async def test_a_cancellation_from_outside_wins_over_an_abort() -> None:
    scope = Scope()

    async def waits() -> None:
        with scope:
            await asyncio.sleep(30)

    task = asyncio.create_task(waits())
    await asyncio.sleep(1)
    scope.abort("at the same moment")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_an_abort_leaves_no_cancellation_behind() -> None:
    scope, task = Scope(), asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_soon(scope.abort, "now")
    with pytest.raises(Aborted), scope:
        await asyncio.sleep(30)
    assert task.cancelling() == 0
    async with asyncio.timeout(1):
        await asyncio.sleep(0.5)
