"""Bodies as they lie on the disk: zstd frames, level 1, each with its checksum and its size."""

from collections.abc import Sequence

from zstandard import BufferSegment, ZstdCompressor, ZstdDecompressor, ZstdError, get_frame_parameters

from engine.errors import StoreDamagedError

LARGEST_BYTES = 16 * 1024 * 1024
"""Of what is compressed in one frame: pieces are far smaller, and a damaged head may ask for any memory."""


def compressed(bodies: Sequence[bytes]) -> list[BufferSegment]:
    """All in one call, which lets go of the interpreter's lock once and not for each."""
    if not bodies:
        return []
    found = ZstdCompressor(level=1, write_checksum=True).multi_compress_to_buffer(list(bodies))
    return [found[place] for place in range(len(found))]


def decompressed(frame: bytes, job_id: str) -> bytes:
    """Raises StoreDamagedError, which names the job."""
    try:
        found = ZstdDecompressor().decompress(frame) if _is_ours(frame) else b""
    except ZstdError as error:
        raise StoreDamagedError(f"the body of {job_id} is damaged: {error}") from error
    if not found:
        raise StoreDamagedError(f"the body of {job_id} is damaged: the head of its frame is not as it was written")
    return found


def _is_ours(frame: bytes) -> bool:
    """As far as the head tells, which no checksum covers."""
    head = get_frame_parameters(frame)
    return head.has_checksum and not head.dict_id and 0 < head.content_size <= LARGEST_BYTES
