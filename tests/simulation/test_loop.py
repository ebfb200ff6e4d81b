"""The loop under the simulation: its time, its order, its threads, its death."""

import asyncio
from random import Random

import pytest

from engine.runtime import Threads
from tests.simulation.loop import Clock, SimulatedLoop, StalledError


def a_loop(seed: int = 0) -> SimulatedLoop:
    return SimulatedLoop(clock=Clock(), random=Random(seed), latency=lambda: 0.5)


def test_a_long_wait_is_over_at_once_and_to_the_second() -> None:
    loop = a_loop()
    loop.run_until_complete(asyncio.sleep(86_400))
    assert loop.time() == 86_400
    loop.close()


def order(seed: int) -> list[int]:
    loop, seen = a_loop(seed), list[int]()
    for number in range(10):
        loop.call_soon(seen.append, number)
    loop.run_until_complete(asyncio.sleep(1))
    loop.close()
    return seen


def test_the_order_of_what_is_ready_is_the_seed_s() -> None:
    assert order(1) == order(1) != order(2)
    assert sorted(order(1)) == list(range(10))


def test_a_thread_takes_its_time_and_does_one_thing_after_the_other() -> None:
    loop = a_loop()
    threads = Threads("write", 1)

    async def two() -> list[float]:
        return sorted(await asyncio.gather(threads(loop.time), threads(loop.time)))

    assert loop.run_until_complete(two()) == [0.5, 1.5]
    loop.run_until_complete(threads.close())
    loop.close()


def test_nobody_left_to_wait_for_is_an_error() -> None:
    loop = a_loop()
    task = loop.create_task(asyncio.Event().wait())
    with pytest.raises(StalledError):
        loop.run_until_complete(task)
    loop.die()
    loop.bury()


def test_the_dead_do_nothing_more() -> None:
    loop, seen = a_loop(), list[str]()

    async def work() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            loop.call_soon(seen.append, "heard")

    loop.create_task(work())
    loop.call_later(5, loop.die)
    loop.run_forever()
    loop.bury()
    loop.call_soon(seen.append, "heard")
    assert (seen, loop.time()) == ([], 5)
