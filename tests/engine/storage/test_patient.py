"""Who has nobody to tell waits for room, and comes to rest over a damaged file."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext

import pytest

from engine.errors import StoreDamagedError, StoreError, StoreFullError
from engine.jobs.command import Cancel
from engine.jobs.ports import ROOM_PAUSE_S
from engine.jobs.query import QueueFigures
from engine.storage.patient import PatientStore
from tests.actors.stage import Troubled
from tests.contracts.jobs import LEASE_S
from tests.virtual_time import run_virtual


class Figureless(Troubled):
    """Fails to give figures, too."""

    async def queue(self) -> QueueFigures:
        self._meet("queue")
        return await super().queue()


WAITING: dict[str, Callable[[PatientStore], Awaitable[object]]] = {
    "claim": lambda store: store.claim(1, owner="me", lease_s=LEASE_S),
    "renew": lambda store: store.renew([], lease_s=LEASE_S),
    "promote": lambda store: store.promote(1),
}


@pytest.mark.parametrize("method", WAITING)
def test_it_waits_for_room_and_tells_so_once(method: str) -> None:
    async def over_a_full_disk() -> None:
        store, told, loop = Troubled(), list[StoreError](), asyncio.get_running_loop()
        store.fails[method] = lambda: StoreFullError() if loop.time() < 100 else None
        await WAITING[method](PatientStore(store=store, tell=told.append))
        assert 100 <= loop.time() <= 100 + ROOM_PAUSE_S
        assert (len(store.calls), len(told)) == (101, 1)

    run_virtual(over_a_full_disk())


@pytest.mark.parametrize("method", WAITING)
def test_over_a_damaged_file_it_does_nothing_more(method: str) -> None:
    async def over_a_damaged_file() -> None:
        store, told = Troubled(), list[StoreError]()
        store.fails[method] = StoreDamagedError
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1000):
                await WAITING[method](PatientStore(store=store, tell=told.append))
        assert (store.calls, [type(each) for each in told]) == ([method], [StoreDamagedError])

    run_virtual(over_a_damaged_file())


@pytest.mark.parametrize("error", [StoreFullError, StoreDamagedError, StoreError])
def test_who_has_somebody_to_tell_is_told(error: type[StoreError]) -> None:
    async def in_trouble() -> None:
        store = Troubled()
        store.fails["commit"] = store.fails["settle"] = error
        patient = PatientStore(store=store, tell=lambda _: None)
        with pytest.raises(error):
            await patient.commit([Cancel(job_id="job_1")])
        with pytest.raises(error):
            await patient.settle([])

    run_virtual(in_trouble())


@pytest.mark.parametrize("trouble", [StoreFullError, StoreDamagedError])
def test_who_asks_for_figures_is_told_and_the_log_once_a_trouble(trouble: type[StoreError]) -> None:
    async def in_trouble() -> None:
        store, told = Figureless(), list[StoreError]()
        patient = PatientStore(store=store, tell=told.append)
        for failing in (True, True, False, True):
            store.fails["queue"] = trouble if failing else lambda: None
            with pytest.raises(trouble) if failing else nullcontext():
                await patient.queue()
        assert [type(each) for each in told] == [trouble, trouble]

    run_virtual(in_trouble())


def test_any_other_error_goes_up() -> None:
    async def in_other_trouble() -> None:
        store = Troubled()
        store.fails["claim"] = StoreError
        with pytest.raises(StoreError):
            await WAITING["claim"](PatientStore(store=store, tell=lambda _: None))

    run_virtual(in_other_trouble())
