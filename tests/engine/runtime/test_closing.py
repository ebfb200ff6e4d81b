"""Waits that end when the service does."""

import asyncio

import pytest

from engine.runtime import Aborted, Closing


async def test_a_wait_under_way_ends_when_the_service_does() -> None:
    closing = Closing()
    asyncio.get_running_loop().call_soon(closing.begin)
    with pytest.raises(Aborted, match="stopping"), closing.cuts():
        await asyncio.Event().wait()


async def test_after_that_no_wait_begins() -> None:
    closing = Closing()
    closing.begin()
    with pytest.raises(Aborted), closing.cuts():
        pytest.fail("it was let in")


async def test_an_announcement_ends_no_wait_and_lets_others_begin() -> None:
    closing = Closing()
    closing.announce()
    with closing.cuts():
        await asyncio.sleep(0)
    assert not closing.has_begun


async def test_what_has_ended_before_is_left_alone() -> None:
    closing = Closing()
    with closing.cuts():
        await asyncio.sleep(0)
    closing.begin()
    await asyncio.sleep(0)
