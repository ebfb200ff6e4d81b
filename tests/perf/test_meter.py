"""Each moment of a thread is the innermost probed call's."""

import asyncio
from time import thread_time

import pytest

from perf.meter import REST, Cost, Meter, cost

FREE = Cost(0.0, 0.0)
BUSY_S = 0.02


def work() -> None:
    until = thread_time() + BUSY_S
    while thread_time() < until:
        pass


def test_what_is_called_is_not_its_callers() -> None:
    meter = Meter()
    inner = meter.probed(work, "inner")

    def outer() -> None:
        work()
        inner()
        inner()

    began = thread_time()
    meter.probed(outer, "outer")()
    found = meter.net_s(FREE)
    assert found["inner"] >= 2 * BUSY_S > found["outer"] >= BUSY_S
    assert sum(found.values()) == pytest.approx(thread_time() - began, abs=BUSY_S)


def test_what_others_do_while_a_coroutine_waits_is_not_its_own() -> None:
    async def waits() -> str:
        work()
        await asyncio.sleep(0)
        return "done"

    async def both() -> str:
        meter.reset()
        other = asyncio.get_running_loop().call_soon(work)
        told = await meter.probed(waits, "waits")()
        other.cancel()
        meter.enter(REST)
        return str(told)

    meter = Meter()
    assert asyncio.run(both()) == "done"
    found = meter.net_s(FREE)
    assert 2 * BUSY_S > found["waits"] >= BUSY_S
    assert found[REST] >= BUSY_S


def test_what_is_thrown_into_a_coroutine_is_its_own_to_take() -> None:
    async def takes() -> str:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            return "taken"
        return "not"

    async def cancelled() -> str:
        async def run() -> str:
            return str(await Meter().probed(takes, "takes")())

        task = asyncio.create_task(run())
        await asyncio.sleep(0)
        task.cancel()
        return await task

    assert asyncio.run(cancelled()) == "taken"


def test_what_a_probe_costs_is_taken_off() -> None:
    async def probed() -> float:
        each, meter = await cost(), Meter()
        assert min(each) > 0
        for _ in range(100):
            await meter.probed(asyncio.sleep, "nothing")(0, None)
        return meter.net_s(each)["nothing"] - meter.net_s(FREE)["nothing"]

    assert asyncio.run(probed()) < 0
