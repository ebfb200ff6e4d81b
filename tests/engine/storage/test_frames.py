"""Bodies as frames: what was damaged on the disk is never a page."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from engine.errors import StoreDamagedError
from engine.storage.frames import compressed, decompressed


@given(body=st.binary(min_size=1, max_size=4096), data=st.data())
def test_a_damaged_body_is_told_or_whole(body: bytes, data: st.DataObject) -> None:
    frame = bytearray(compressed([body])[0].tobytes())
    assert decompressed(bytes(frame), "job_1") == body
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(StoreDamagedError):
        assert decompressed(bytes(frame), "job_1") == body
