from hypothesis import given
from hypothesis import strategies as st

from engine.cache.redis.frames import RAW, ZSTD, Frames

MOST = 4096
values = st.binary(max_size=MOST) | st.builds(
    lambda piece, n: (piece * n)[:MOST], st.binary(max_size=9), st.integers(0, 999)
)
frames = st.builds(Frames, over_bytes=st.none() | st.integers(0, MOST), most_bytes=st.just(MOST))


@given(frames=frames, other=frames, value=values)
def test_whoever_wrote_it_everybody_reads_it(frames: Frames, other: Frames, value: bytes) -> None:
    frame = frames.packed(value)
    assert frame is not None
    assert other.unpacked(frame) == value


def test_what_is_longer_than_the_threshold_is_compressed() -> None:
    page = b"a line of a page\n" * 100
    over = Frames(over_bytes=len(page) - 1, most_bytes=MOST).packed(page)
    assert over is not None
    assert over.startswith(ZSTD)
    assert len(over) < len(page) / 10
    assert Frames(over_bytes=len(page), most_bytes=MOST).packed(page) == RAW + page
    assert Frames(over_bytes=None, most_bytes=MOST).packed(page) == RAW + page


def test_what_is_too_long_is_not_packed() -> None:
    frames = Frames(over_bytes=0, most_bytes=MOST)
    assert frames.packed(bytes(MOST + 1)) is None
    assert frames.packed(bytes(MOST)) is not None


@given(
    frame=st.binary(max_size=200) | st.builds(lambda rest: ZSTD + b"\x28\xb5\x2f\xfd" + rest, st.binary(max_size=200))
)
def test_whatever_lies_there_is_a_value_or_none(frame: bytes) -> None:
    found = Frames(over_bytes=0, most_bytes=MOST).unpacked(frame)
    assert found is None or len(found) <= max(MOST, len(frame))


@given(value=st.binary(min_size=1, max_size=MOST), data=st.data())
def test_a_compressed_value_that_was_damaged_is_none(value: bytes, data: st.DataObject) -> None:
    frames = Frames(over_bytes=0, most_bytes=MOST)
    frame = bytearray(frames.packed(value) or b"")
    place = data.draw(st.integers(0, len(frame) - 1))
    frame[place] ^= data.draw(st.integers(1, 255))
    assert frame[0] != ZSTD[0] or frames.unpacked(bytes(frame)) in {None, value}
    assert frames.unpacked(bytes(frame[:-1])) is None or frame[0] != ZSTD[0]


def test_a_small_frame_that_unfolds_to_much_is_none() -> None:
    bomb = Frames(over_bytes=0, most_bytes=1 << 30).packed(bytes(50_000_000))
    assert bomb is not None
    assert len(bomb) < 10_000
    assert Frames(over_bytes=0, most_bytes=MOST).unpacked(bomb) is None
