"""A text decoded piece by piece."""

import codecs

import webencodings  # type: ignore[import-untyped]  # has no stubs here
from hypothesis import example, given
from hypothesis import strategies as st

from engine.fetch.charset import charset_of, decode
from engine.fetch.decoding import LONGEST_ESCAPE, Decoding

MARKS = {"utf-8-sig": [codecs.BOM_UTF8], "utf-16": [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE]}
FOUND = {charset_of(f"text/html; charset={label}", b"", is_whole=True) for label in webencodings.LABELS}
CHARSETS = sorted({each for each in FOUND if each} | MARKS.keys() | {"utf-16-le", "utf-16-be"})
TOUCHY = b"\x1b$B(J@~{}\x00\x0e\x0f\x80\x81\x8e\x8f\xa1\xa4\xd8\xdc\xef\xbb\xbf\xf0\x9f\xfe\xffAbIH0"
"""What shifts, leads, trails or ends in one charset or another."""


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, bytes]:
    charset = draw(st.sampled_from(CHARSETS))
    mark = draw(st.sampled_from(MARKS.get(charset, [b""])))
    parts = st.one_of(
        st.binary(max_size=6),
        st.lists(st.sampled_from(TOUCHY), max_size=20).map(bytes),
        st.text(max_size=6).map(lambda text: text.encode(charset, "ignore")),
    )
    return charset, mark + b"".join(draw(st.lists(parts, max_size=5)))


def in_pieces(charset: str, body: bytes, cuts: list[int]) -> str:
    decoding, text, at = Decoding(charset), "", 0
    for cut in sorted(cut % (len(body) + 1) for cut in cuts):
        text += decoding(body[at:cut], is_last=False)
        at = cut
    return text + decoding(body[at:], is_last=True)


@given(of=bodies(), cuts=st.lists(st.integers(0, 200), max_size=12))
@example(of=("iso2022_jp", b"\x1b$\xef\x8e\xbbb{\x8e\xfe" + b"x" * 30), cuts=list(range(40)))
@example(of=("utf-8", "😀".encode()), cuts=[1, 2, 3])
def test_it_is_the_same_text_wherever_it_is_cut(of: tuple[str, bytes], cuts: list[int]) -> None:
    assert in_pieces(*of, cuts) == decode(of[1], of[0])


def test_what_is_held_back_is_never_more_than_an_escape_sequence() -> None:
    decoding, fed, told = Decoding("iso2022_jp"), 0, 0
    for _ in range(200):
        told += len(decoding(b"abc\x1b", is_last=False))
        fed += 4
        assert fed - told * 4 / 3 <= LONGEST_ESCAPE + 8
