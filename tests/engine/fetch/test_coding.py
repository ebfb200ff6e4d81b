import gzip
import zlib
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fetch.coding import inflater
from engine.fetch.limits import CHUNK_BYTES, PIECE_BYTES
from engine.fetch.problem import ProblemError

SMALL_AND_LARGE = st.binary(max_size=50) | st.integers(0, 3 * CHUNK_BYTES).map(bytes)


def _unfolded(coding: str, pieces: list[bytes]) -> list[bytes]:
    undo = inflater(coding)
    assert undo is not None
    unfolded = [each for piece in pieces for each in undo.pieces(piece)]
    undo.end()
    return unfolded


def _cut(folded: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(each % (len(folded) + 1) for each in at), len(folded)]
    return [folded[start:end] for start, end in pairwise(edges)]


@given(
    members=st.lists(SMALL_AND_LARGE, min_size=1, max_size=3),
    rest=st.sampled_from([b"", b"\0\0", b"rubbish" * 99]),
    at=st.lists(st.integers(0), max_size=5),
)
def test_gzip_unfolds_however_it_is_cut_and_whatever_follows(members: list[bytes], rest: bytes, at: list[int]) -> None:
    folded = b"".join(gzip.compress(each) for each in members) + rest
    unfolded = _unfolded("gzip", _cut(folded, at))
    assert b"".join(unfolded) == b"".join(members)
    assert all(0 < len(piece) <= PIECE_BYTES for piece in unfolded)


@given(body=SMALL_AND_LARGE, window=st.sampled_from([15, -15]), at=st.lists(st.integers(0), max_size=5))
def test_deflate_unfolds_with_its_header_and_without(body: bytes, window: int, at: list[int]) -> None:
    folded = zlib.compress(body, wbits=window)
    assert b"".join(_unfolded("deflate", [*_cut(folded, at), b"rest"])) == body


@given(body=SMALL_AND_LARGE, missing=st.integers(1, 8), coding=st.sampled_from(["gzip", "deflate"]))
def test_what_is_cut_off_is_missed(body: bytes, missing: int, coding: str) -> None:
    folded = gzip.compress(body) if coding == "gzip" else zlib.compress(body)
    with pytest.raises(ProblemError):
        _unfolded(coding, [folded[: -min(missing, 4)]])


@given(st.lists(st.binary(max_size=30)), st.sampled_from(["gzip", "deflate"]))
def test_rubbish_ends_in_a_problem_or_in_bytes(pieces: list[bytes], coding: str) -> None:
    with suppress(ProblemError):
        assert all(_unfolded(coding, pieces))
