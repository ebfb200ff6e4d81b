"""The level in memory: its bound, the times of its entries, and which of them go first."""

from collections import OrderedDict
from collections.abc import Sequence
from sys import getsizeof

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cache.level import Entry
from engine.cache.memory import JITTER, LARGEST_PART, OVERHEAD_BYTES, MemoryLevel
from tests.engine.metrics.panel import Clock

LONGEST_S = 300.0
VALUE = b"v" * 100
ENTRY_BYTES = getsizeof("k:0") + getsizeof(VALUE) + OVERHEAD_BYTES

keys = st.sampled_from([f"k:{n}" for n in range(12)])
acts = st.one_of(
    st.tuples(st.just("keep"), keys, st.integers(0, 3000), st.sampled_from([-1.0, 0.0, 1.0, 30.0, 1000.0])),
    st.tuples(st.just("look"), keys),
    st.tuples(st.just("forget"), keys),
    st.tuples(st.just("wait"), st.sampled_from([0.5, 20.0, 299.0])),
    st.tuples(st.just("clear")),
)


def a_level(clock: Clock, *, limit_bytes: int = 10**6, draw: float = 0.0) -> MemoryLevel:
    return MemoryLevel(limit_bytes=limit_bytes, longest_s=LONGEST_S, clock=clock, draw=lambda: draw)


class Model:
    """What the level should hold, kept as simply as can be: in order of use, with sizes and ends."""

    def __init__(self, limit_bytes: int, draw: float) -> None:
        self.held: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._limit_bytes = limit_bytes
        self._part = 1 - JITTER * draw

    @property
    def size_bytes(self) -> int:
        return sum(getsizeof(key) + getsizeof(value) + OVERHEAD_BYTES for key, (value, _) in self.held.items())

    def keep(self, key: str, value: bytes, ttl_s: float, now: float) -> None:
        self.held.pop(key, None)
        if ttl_s <= 0 or getsizeof(key) + getsizeof(value) + OVERHEAD_BYTES > self._limit_bytes // LARGEST_PART:
            return
        self.held[key] = value, now + min(ttl_s, LONGEST_S) * self._part
        while self.size_bytes > self._limit_bytes:
            self.held.popitem(last=False)

    def look(self, key: str, now: float) -> bytes | None:
        if key in self.held and self.held[key][1] <= now:
            del self.held[key]
        if key not in self.held:
            return None
        self.held.move_to_end(key)
        return self.held[key][0]


@given(
    steps=st.lists(acts, max_size=60), limit_bytes=st.sampled_from([0, 4000, 12_000]), draw=st.sampled_from([0, 0.5])
)
def test_it_holds_what_a_simple_model_holds_and_never_more_than_its_bound(
    steps: Sequence[tuple[object, ...]], limit_bytes: int, draw: float
) -> None:
    clock, model = Clock(), Model(limit_bytes, draw)
    level = a_level(clock, limit_bytes=limit_bytes, draw=draw)
    for step in steps:
        match step:
            case ("keep", str(key), int(length), float(ttl_s)):
                level.keep(key, bytes(length), ttl_s)
                model.keep(key, bytes(length), ttl_s, clock.now)
            case ("look", str(key)):
                assert level.look(key) == model.look(key, clock.now)
            case ("forget", str(key)):
                level.forget(key)
                model.held.pop(key, None)
            case ("wait", float(seconds)):
                clock.now += seconds
            case _:
                level.clear()
                model.held.clear()
        assert level.size_bytes == model.size_bytes <= limit_bytes


def test_what_was_used_least_recently_goes_first() -> None:
    level = a_level(Clock(), limit_bytes=LARGEST_PART * ENTRY_BYTES)
    for n in range(LARGEST_PART):
        level.keep(f"k:{n}", VALUE, 10.0)
    assert level.look("k:0") == VALUE
    level.keep("k:8", VALUE, 10.0)
    assert [level.look(f"k:{n}") is not None for n in range(LARGEST_PART + 1)] == [True, False, *[True] * 7]


@pytest.mark.parametrize(("draw", "lasts_s"), [(0.0, 100.0), (0.5, 95.0), (0.999, 90.01)])
def test_a_time_is_shortened_by_chance_and_never_prolonged(draw: float, lasts_s: float) -> None:
    clock = Clock()
    level = a_level(clock, draw=draw)
    level.keep("k:0", VALUE, 100.0)
    clock.now += lasts_s - 0.001
    assert level.look("k:0") == VALUE
    clock.now += 0.002
    assert level.look("k:0") is None
    assert level.size_bytes == 0


async def test_it_is_a_level_like_others() -> None:
    level = a_level(Clock())
    await level.put([Entry(key="k:0", value=VALUE, ttl_s=1.0), Entry(key="k:1", value=b"", ttl_s=1.0)])
    assert await level.get(["k:1", "k:2", "k:0"]) == [b"", None, VALUE]
    await level.drop(["k:0", "k:2"])
    assert await level.get(["k:0", "k:1"]) == [None, b""]
    await level.close()
    await level.close()
    assert await level.get(["k:1"]) == [None]


@given(st.lists(st.tuples(keys, st.integers(0, 500)), max_size=30), st.floats(0.0, 1.0))
def test_narrowed_it_holds_no_more_than_that_part_and_widened_as_much_as_before(
    entries: Sequence[tuple[str, int]], part: float
) -> None:
    level = a_level(Clock(), limit_bytes=10_000)
    for key, size in entries:
        level.keep(key, bytes(size), 100.0)
    level.narrow(part)
    assert level.size_bytes <= 10_000 * part
    for key, size in entries:
        level.keep(key, bytes(size), 100.0)
        assert level.size_bytes <= 10_000 * part
    level.widen()
    for n in range(10):
        level.keep(f"k:{n}", VALUE, 100.0)
    assert level.size_bytes >= 10 * ENTRY_BYTES


def test_narrowed_it_lets_go_of_what_was_used_least_recently() -> None:
    level = a_level(Clock(), limit_bytes=8 * ENTRY_BYTES)
    for n in range(8):
        level.keep(f"k:{n}", VALUE, 10.0)
    level.narrow(0.25)
    assert [level.look(f"k:{n}") is not None for n in range(8)] == [False] * 6 + [True] * 2
