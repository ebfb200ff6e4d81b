"""Bodies as frames: what was damaged on the disk is never a page, whether this release wrote it or an earlier one."""

from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib
from zstandard import ZstdCompressor

from engine.errors import StoreDamagedError
from engine.storage.frames import LARGEST_BYTES, compressed, decompressed

FRAMING_BYTES = 40
"""Head and end of gzip, and the heads of blocks."""
bodies = st.binary(min_size=1, max_size=4096) | st.builds(
    lambda piece, times: piece * times, st.binary(min_size=1, max_size=9), st.integers(1, 999)
)


def _new(body: bytes) -> bytes:
    (frame,) = compressed([body])
    return frame


def _old(body: bytes) -> bytes:
    """As releases wrote it that had zstd."""
    return ZstdCompressor(level=1, write_checksum=True).compress(body)


writers = st.sampled_from([_new, _old])


@given(write=writers, body=bodies, data=st.data())
def test_a_damaged_body_is_told_or_whole(write: Callable[[bytes], bytes], body: bytes, data: st.DataObject) -> None:
    frame = bytearray(write(body))
    assert decompressed(bytes(frame), "job_1") == body
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(StoreDamagedError):
        assert decompressed(bytes(frame), "job_1") == body


@given(write=writers, body=bodies, data=st.data())
def test_a_body_that_is_cut_or_goes_on_is_told(
    write: Callable[[bytes], bytes], body: bytes, data: st.DataObject
) -> None:
    frame = write(body)
    cut = frame[: data.draw(st.integers(0, len(frame) - 1))]
    with pytest.raises(StoreDamagedError, match="job_1"):
        decompressed(cut, "job_1")
    with suppress(StoreDamagedError):
        assert decompressed(frame + data.draw(st.binary(min_size=1, max_size=64)), "job_1") == body


@given(draw=st.randoms(use_true_random=False), size=st.integers(1, 1 << 17))
def test_a_body_that_cannot_get_smaller_hardly_gets_larger(draw: Random, size: int) -> None:
    assert len(_new(draw.randbytes(size))) <= 1.001 * size + FRAMING_BYTES


@given(frame=st.binary(max_size=64) | st.binary(max_size=64).map(lambda rest: b"\x1f\x8b\x08\0" + rest))
def test_what_is_no_frame_is_told(frame: bytes) -> None:
    with pytest.raises(StoreDamagedError, match="job_1"):
        decompressed(frame, "job_1")


@pytest.mark.parametrize(
    "frame",
    [
        isal_zlib.compress(b"\0" * (LARGEST_BYTES + 1), 1, 16 + isal_zlib.MAX_WBITS),
        _old(b"\0" * (LARGEST_BYTES + 1)),
        _new(b"\0" * LARGEST_BYTES)[:-4] + b"\1\0\0\0",
        _new(b""),
    ],
    ids=["gzip too large", "zstd too large", "more than it says", "nothing"],
)
def test_a_frame_that_no_body_was_written_as_is_told(frame: bytes) -> None:
    with pytest.raises(StoreDamagedError, match="job_1"):
        decompressed(frame, "job_1")
