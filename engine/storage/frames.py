"""Bodies as they lie on the disk: zstd frames, level 1, each with its checksum and its size."""

from collections.abc import Sequence

from zstandard import BufferSegment, ZstdCompressor, ZstdDecompressor, ZstdError

from engine.errors import StoreDamagedError


def compressed(bodies: Sequence[bytes]) -> list[BufferSegment]:
    """All in one call, which lets go of the interpreter's lock once and not for each."""
    if not bodies:
        return []
    found = ZstdCompressor(level=1, write_checksum=True).multi_compress_to_buffer(list(bodies))
    return [found[place] for place in range(len(found))]


def decompressed(frame: bytes, job_id: str) -> bytes:
    """Raises StoreDamagedError, which names the job."""
    try:
        found = ZstdDecompressor().decompress(frame)
    except ZstdError as error:
        raise StoreDamagedError(f"the body of {job_id} is damaged: {error}") from error
    if not found:  # no empty body is kept, but a size of 0 in a frame's head is taken at its word
        raise StoreDamagedError(f"the body of {job_id} is damaged: nothing is in it")
    return found
