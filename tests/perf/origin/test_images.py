import zlib

from hypothesis import given
from hypothesis import strategies as st

from perf.origin.images import image_body


@given(seed=st.integers(0), n=st.integers(0, 999_999_999))
def test_an_image_is_a_png_whose_checksums_hold(seed: int, n: int) -> None:
    data = image_body(seed, n)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, kinds = 8, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == int.from_bytes(data[at + 8 + length : at + 12 + length], "big")
        kinds.append(kind)
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
