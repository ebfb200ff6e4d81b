"""Bodies as they lie on the disk: gzip, each with its checksum and its size; earlier releases' were zstd.

The first bytes of a frame tell which it is. Of HTML ISA-L's level 0 takes 0.65 to 0.77 of the time of its level 1, and
9 to 13 % more room (perf/FINDINGS.md). Of what hardly gets smaller it makes more than there was: an image is a fifth
larger, and 130 bytes are its own.
"""

from collections.abc import Sequence

from isal import isal_zlib
from zstandard import ZstdDecompressor, ZstdError, get_frame_parameters

from engine.errors import StoreDamagedError

LARGEST_BYTES = 16 * 1024 * 1024
"""Of what is compressed in one frame: pieces are far smaller, and a damaged head may ask for any memory."""
FASTEST = isal_zlib.ISAL_BEST_SPEED
FAST = 1
GAIN = 2
"""How many times smaller a body has to get for the fastest level to do."""
GZIP = 16 + isal_zlib.MAX_WBITS
GZIP_MAGIC = b"\x1f\x8b"
SIZE_BYTES = 4
"""Of a gzip frame's end."""


def compressed(bodies: Sequence[bytes]) -> list[bytes]:
    """Each call lets go of the interpreter's lock."""
    return [_frame(body) for body in bodies]


def _frame(body: bytes) -> bytes:
    frame = isal_zlib.compress(body, FASTEST, GZIP)
    return frame if GAIN * len(frame) < len(body) else isal_zlib.compress(body, FAST, GZIP)


def decompressed(frame: bytes, job_id: str) -> bytes:
    """Raises StoreDamagedError, which names the job."""
    try:
        found = _of_gzip(frame) if frame.startswith(GZIP_MAGIC) else _of_zstd(frame)
    except (ZstdError, isal_zlib.error) as error:  # type: ignore[misc]  # its stub takes the class for an instance
        raise StoreDamagedError(f"the body of {job_id} is damaged: {error}") from error
    if not found:
        raise StoreDamagedError(f"the body of {job_id} is damaged: its frame is not as it was written")
    return found


def _of_gzip(frame: bytes) -> bytes:
    """Empty where the size at its end cannot be, or is not what it unfolds to, or the end is not its own."""
    size = int.from_bytes(frame[-SIZE_BYTES:], "little")
    if size > LARGEST_BYTES:
        return b""
    stream = isal_zlib.decompressobj(GZIP)
    found = stream.decompress(frame, size + 1)
    return found if stream.eof and not stream.unused_data and len(found) == size else b""


def _of_zstd(frame: bytes) -> bytes:
    """Empty where its head, which no checksum covers, is none of ours."""
    head = get_frame_parameters(frame)
    is_ours = head.has_checksum and not head.dict_id and 0 < head.content_size <= LARGEST_BYTES
    return ZstdDecompressor().decompress(frame) if is_ours else b""
