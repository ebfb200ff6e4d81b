"""Giving back what the allocator holds and nobody uses."""

import os

import pytest

from engine.memory.allocator import trimmer

PIECES, PIECE_BYTES = 100_000, 600


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
