"""Giving back what the allocator holds and nobody uses."""

import os
import subprocess
import sys
from itertools import pairwise

import pytest

from engine.memory.allocator import allocated, trimmer

PIECES, PIECE_BYTES = 100_000, 600
LARGE, LARGE_BYTES, BETWEEN_BYTES = 20, 4 * 1024 * 1024, 100_000
FREED = f"""
from engine.memory.allocator import tune
from tests.engine.memory.test_allocator import resident_bytes
if %r:
    assert tune()
del (first := [bytes(b"x") * {LARGE_BYTES}])[:]
pairs = [(b"x" * {LARGE_BYTES}, b"x" * {BETWEEN_BYTES}) for _ in range({LARGE})]
before = resident_bytes()
pairs = [small for _, small in pairs]
print(before - resident_bytes())
"""
"""The first that is freed changes what glibc maps by itself; the small ones keep the end of the heap."""
ARENA_BYTES = 64 * 1024 * 1024
"""What glibc reserves for one of a thread's own, at a multiple of it: some of it writable, the rest not yet."""
SHARED = """
from threading import Barrier, Thread
from engine.memory.allocator import tune
from tests.engine.memory.test_allocator import arenas
if %r:
    assert tune()
barrier = Barrier(5)
def hold():
    held = bytes(10_000)
    barrier.wait()
    barrier.wait()
for _ in range(4):
    Thread(target=hold).start()
barrier.wait()
print(arenas("self"))
barrier.wait()
"""


def resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - as short as it gets
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def arenas(process: int | str) -> int:
    """Of a process: those beside the heap that all share."""
    with open(f"/proc/{process}/maps", encoding="ascii") as file:  # noqa: PTH123 - as above
        parts = [line.split() for line in file]
    edges = [([int(edge, 16) for edge in where.split("-")], may) for where, may, *_ in parts]
    return sum(
        start % ARENA_BYTES == 0 and end == begins and ends == start + ARENA_BYTES and (may, then) == ("rw-p", "---p")
        for ((start, end), may), ((begins, ends), then) in pairwise(edges)
    )


def test_after_a_peak_it_goes_back_to_the_kernel() -> None:
    trim = trimmer()
    if trim is None:
        pytest.skip("needs glibc")
    pieces = [bytes(PIECE_BYTES) for _ in range(PIECES)]
    last = pieces[-1]  # keeps the end of the heap, so that nothing goes back by itself
    del pieces
    before = resident_bytes()
    assert trim()
    assert before - resident_bytes() > PIECES * PIECE_BYTES / 2
    assert len(last) == PIECE_BYTES


@pytest.mark.parametrize("size", [64, PIECE_BYTES])
def test_what_is_allocated_is_told_where_it_fills_room_that_was_there(size: int) -> None:
    look = allocated()
    if look is None:
        pytest.skip("needs glibc 2.33")
    pieces = [bytes(size) for _ in range(PIECES)]
    some = pieces[::100]  # they keep the room
    del pieces
    before, resident = look(), resident_bytes()
    held = [bytes(size) for _ in range(PIECES // 2)]
    assert look() - before > len(held) * size
    assert resident_bytes() - resident < len(held) * size / 2
    del held
    assert look() - before < len(some) * size


@pytest.mark.parametrize("is_tuned", [True, False])
def test_large_ones_go_back_when_they_are_freed_only_if_it_was_tuned(*, is_tuned: bool) -> None:
    """In a process of its own, for it is tuned for good."""
    if trimmer() is None:
        pytest.skip("needs glibc")
    told = subprocess.run([sys.executable, "-c", FREED % is_tuned], capture_output=True, check=True, timeout=20)
    assert (int(told.stdout) > LARGE * LARGE_BYTES / 2) == is_tuned


@pytest.mark.parametrize(("is_tuned", "expected"), [(True, 0), (False, 4)])
def test_threads_share_one_heap_only_if_it_was_tuned_before_them(*, is_tuned: bool, expected: int) -> None:
    """As above."""
    if trimmer() is None:
        pytest.skip("needs glibc")
    told = subprocess.run([sys.executable, "-c", SHARED % is_tuned], capture_output=True, check=True, timeout=20)
    assert int(told.stdout) == expected
