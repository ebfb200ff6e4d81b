"""Lines come out as they went in, however the pieces are cut, and a long one costs no memory."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api.lines import Lines

LONGEST = 8
WHOLE = b"one\r\n\n  \ntwo\n12345678\n123456789\n" + b"x" * 100 + b"\nthree"
EXPECTED = [b"one", b"", b"", b"two", b"12345678", None, None, b"three"]


def split(pieces: list[bytes]) -> list[bytes | None]:
    lines = Lines(longest=LONGEST)
    return [line for piece in pieces for line in lines.of(piece)] + [lines.last()]


@given(cuts=st.lists(st.integers(0, len(WHOLE)), max_size=20))
def test_lines_do_not_depend_on_where_pieces_end(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(WHOLE)]
    pieces = [WHOLE[start:end] for start, end in pairwise(places)]
    assert split(pieces) == EXPECTED


@pytest.mark.parametrize(
    ("whole", "found"),
    [(b"", [b""]), (b"\n", [b"", b""]), (b"a\n", [b"a", b""]), (b"a", [b"a"]), (b"x" * 9, [None])],
)
def test_what_follows_the_last_end_is_a_line_too(whole: bytes, found: list[bytes | None]) -> None:
    assert split([whole]) == found


def test_what_is_too_long_is_not_kept() -> None:
    lines = Lines(longest=LONGEST)
    for _ in range(1000):
        assert list(lines.of(b"x" * 1000)) == []
    assert len(lines._begun) == 0
    assert list(lines.of(b"\nshort\n")) == [None, b"short"]
