"""Reading through the levels: one load for all who ask, and nobody reads what was before a write he knows of."""

import asyncio
from collections.abc import Callable

import pytest

from engine.cache.read_through import ReadThrough
from engine.errors import EngineError, UnknownJobError
from tests.conftest import eventually
from tests.engine.cache.loads import Fleet, Looks, Source, a_reader
from tests.engine.metrics.panel import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source() -> Source:
    return Source()


async def crowd(reader: ReadThrough, source: Source, count: int) -> list[bytes | BaseException]:
    source.may_go.clear()
    reads = [asyncio.ensure_future(reader.read("k:1", source.load)) for _ in range(count)]
    await source.began.wait()
    await asyncio.sleep(0)
    source.may_go.set()
    return await asyncio.gather(*reads, return_exceptions=True)


async def test_a_thousand_who_ask_at_once_cost_one_load(clock: Clock, source: Source) -> None:
    assert await crowd(a_reader(clock), source, 1000) == [b"one"] * 1000
    assert source.loads == 1


async def test_of_what_is_not_kept_a_thousand_cost_two_loads_as_the_first_began_before_they_asked(
    clock: Clock, source: Source
) -> None:
    source.lasts_s = 0.0
    assert await crowd(a_reader(clock), source, 1000) == [b"one"] * 1000
    assert source.loads == 2


async def test_an_error_is_told_to_all_who_asked_before_its_load_began(clock: Clock, source: Source) -> None:
    source.error = UnknownJobError()
    came = await crowd(a_reader(clock), source, 1000)
    assert {type(each) for each in came} == {UnknownJobError}
    assert source.loads == 2


async def test_the_end_of_the_first_who_asked_is_no_end_for_the_others(clock: Clock, source: Source) -> None:
    reader = a_reader(clock)
    source.may_go.clear()
    first, *others = [asyncio.ensure_future(reader.read("k:1", source.load)) for _ in range(10)]
    await source.began.wait()
    first.cancel()
    source.may_go.set()
    assert await asyncio.gather(*others) == [b"one"] * 9
    assert first.cancelled()
    assert source.loads == 2


async def test_one_who_waits_and_goes_takes_nobody_along(clock: Clock, source: Source) -> None:
    reader = a_reader(clock)
    source.may_go.clear()
    first, second, third = [asyncio.ensure_future(reader.read("k:1", source.load)) for _ in range(3)]
    await source.began.wait()
    await asyncio.sleep(0)
    second.cancel()
    source.may_go.set()
    assert set(await asyncio.gather(first, third)) == {b"one"}
    assert source.loads == 1


async def test_an_error_of_ours_is_met_by_who_loads_and_leaves_nothing_behind(clock: Clock, source: Source) -> None:
    reader = a_reader(clock)

    async def broken() -> tuple[bytes, float]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await reader.read("k:1", broken)
    assert await reader.read("k:1", source.load) == b"one"


async def test_what_was_read_is_read_again_from_memory_until_its_time_is_over(clock: Clock, source: Source) -> None:
    reader, source.lasts_s = a_reader(clock), 10.0
    await reader.read("k:1", source.load)
    clock.now += 9.99
    await reader.read("k:1", source.load)
    assert source.loads == 1
    clock.now += 0.01
    await reader.read("k:1", source.load)
    assert source.loads == 2


async def test_time_counts_from_the_beginning_of_a_load(clock: Clock, source: Source) -> None:
    reader = a_reader(clock, trusted_s=1.0)
    source.may_go.clear()
    read = asyncio.ensure_future(reader.read("k:1", source.load))
    await source.began.wait()
    clock.now += 0.9
    source.may_go.set()
    await read
    clock.now += 0.2
    await reader.read("k:1", source.load)
    assert source.loads == 2


async def test_what_is_dropped_during_a_load_is_not_kept_and_who_asks_after_that_does_not_wait_for_it(
    clock: Clock, source: Source
) -> None:
    fleet = Fleet(clock)
    reader = a_reader(clock, shared=fleet)
    source.may_go.clear()
    before = asyncio.ensure_future(reader.read("k:1", source.load))
    await source.began.wait()
    source.value = b"two"
    await reader.drop(["k:1"])
    after = asyncio.ensure_future(reader.read("k:1", source.load))
    await eventually(lambda: source.loads == 2)
    source.may_go.set()
    assert [await before, await after] == [b"one", b"two"]
    assert await reader.read("k:1", source.load) == b"two"
    assert source.loads == 2


async def test_what_is_lost_is_asked_for_again_and_so_is_all_that_is_under_way(clock: Clock, source: Source) -> None:
    reader = a_reader(clock)
    await reader.read("k:0", source.load)
    source.may_go.clear()
    before = asyncio.ensure_future(reader.read("k:1", source.load))
    await eventually(lambda: source.loads == 2)
    source.may_go.set()
    source.value = b"two"
    reader.lost()
    assert await before == b"one"
    assert {await reader.read(key, source.load) for key in ("k:0", "k:1")} == {b"two"}


async def test_one_process_reads_what_another_has_loaded_and_not_beyond_its_time(clock: Clock, source: Source) -> None:
    fleet, looks, source.lasts_s = Fleet(clock), Looks(), 100.0
    here, there = a_reader(clock, shared=fleet), a_reader(clock, shared=fleet, watch=looks)
    await here.read("k:1", source.load)
    clock.now += 60.0
    assert await there.read("k:1", source.load) == b"one"
    assert (source.loads, looks.seen) == (1, [("memory", "k:1", False), ("shared", "k:1", True)])
    clock.now += 40.0
    await there.read("k:1", source.load)
    assert source.loads == 2


@pytest.mark.parametrize(("lasts_s", "took_s"), [(1.0, 0.0), (0.0, 0.0), (100.0, 1.1)])
async def test_what_is_brief_or_came_late_is_not_shared(
    clock: Clock, source: Source, lasts_s: float, took_s: float
) -> None:
    fleet = Fleet(clock)
    source.lasts_s = lasts_s
    source.may_go.clear()
    read = asyncio.ensure_future(a_reader(clock, shared=fleet).read("k:1", source.load))
    await source.began.wait()
    clock.now += took_s
    source.may_go.set()
    await read
    assert not fleet.kept


async def test_what_others_dropped_is_loaded_again(clock: Clock, source: Source) -> None:
    fleet = Fleet(clock)
    here, there = (a_reader(clock, shared=fleet) for _ in range(2))
    for reader in (here, there):
        await reader.read("k:1", source.load)
    source.value = b"two"
    await here.drop(["k:1"])
    assert [await each.read("k:1", source.load) for each in (here, there)] == [b"two", b"one"]
    there.dropped(["k:1"])
    assert await there.read("k:1", source.load) == b"two"


async def test_an_error_is_not_kept(clock: Clock, source: Source) -> None:
    reader = a_reader(clock)
    source.error = EngineError()
    with pytest.raises(EngineError):
        await reader.read("k:1", source.load)
    source.error = None
    assert await reader.read("k:1", source.load) == b"one"


async def test_while_one_reads_anew_what_is_late_the_others_get_it_as_it_was(clock: Clock, source: Source) -> None:
    reader = a_reader(clock, late_s=1.0)
    source.lasts_s = 1.0
    await reader.read("k:1", source.load)
    clock.now += 1.5
    source.value = b"two"
    source.may_go.clear()
    first = asyncio.ensure_future(reader.read("k:1", source.load))
    await eventually(lambda: source.loads == 2)
    assert [await reader.read("k:1", source.load) for _ in range(3)] == [b"one"] * 3
    source.may_go.set()
    assert (await first, await reader.read("k:1", source.load), source.loads) == (b"two", b"two", 2)


async def test_nobody_gets_what_was_dropped_or_is_too_late_for_late(clock: Clock, source: Source) -> None:
    reader = a_reader(clock, late_s=1.0)
    source.lasts_s = 1.0
    spoils: list[Callable[[], object]] = [lambda: reader.dropped(["k:1"]), reader.lost, lambda: clock.turn(1.0)]
    for spoil in spoils:
        source.value = b"one"
        await reader.read("k:1", source.load)
        clock.now += 1.5
        spoil()
        source.value = b"two"
        assert await crowd(reader, source, 3) == [b"two"] * 3
        clock.now += 10.0
        source.began.clear()
