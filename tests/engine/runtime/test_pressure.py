"""Pressure: who is held back, and that all go on when it is eased."""

import asyncio

import pytest

from engine.runtime.pressure import Pressure


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_nobody_waits_while_nothing_is_short() -> None:
    pressure = Pressure()
    assert (pressure.is_admitting, pressure.is_claiming, pressure.part) == (True, True, 1.0)
    for waits in (pressure.eased(), pressure.admitted()):
        with pytest.raises(StopIteration):
            waits.send(None)


async def test_each_is_held_back_by_its_own_and_all_of_them_go_on() -> None:
    pressure, went_on = Pressure(), []

    async def goes(name: str) -> None:
        await (pressure.eased() if name.startswith("claim") else pressure.admitted())
        went_on.append(name)

    pressure.pause()
    pressure.stop_admitting()
    async with asyncio.TaskGroup() as group:
        for name in ("claim 1", "claim 2", "stream 1"):
            group.create_task(goes(name))
        await turns()
        assert went_on == []
        pressure.admit()
        await turns()
        assert went_on == ["stream 1"]
        pressure.ease()
        await turns()
    assert went_on == ["stream 1", "claim 1", "claim 2"]


async def test_one_that_gave_up_waiting_leaves_nothing_behind_and_a_door_shut_at_once_again_holds() -> None:
    pressure = Pressure()
    pressure.pause()
    one, other = asyncio.ensure_future(pressure.eased()), asyncio.ensure_future(pressure.eased())
    await turns()
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    pressure.ease()
    pressure.pause()
    await turns()
    assert not other.done()
    pressure.ease()
    await other
