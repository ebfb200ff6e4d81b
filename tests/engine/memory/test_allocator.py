"""Giving back what the allocator holds and nobody uses."""

import os
import subprocess
import sys

import pytest

from engine.memory.allocator import trimmer

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


def resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - as short as it gets
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


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


@pytest.mark.parametrize("is_tuned", [True, False])
def test_large_ones_go_back_when_they_are_freed_only_if_it_was_tuned(*, is_tuned: bool) -> None:
    """In a process of its own, for it is tuned for good."""
    if trimmer() is None:
        pytest.skip("needs glibc")
    told = subprocess.run([sys.executable, "-c", FREED % is_tuned], capture_output=True, check=True, timeout=20)
    assert (int(told.stdout) > LARGE * LARGE_BYTES / 2) == is_tuned
