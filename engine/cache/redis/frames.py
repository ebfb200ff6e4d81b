"""Values as they lie on the server: a byte that says how, then the value, or a zstd frame with its checksum."""

from dataclasses import dataclass

from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError, get_frame_parameters

RAW, ZSTD = b"\x00", b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Compresses what is longer than `over_bytes`, nothing when it is None; takes no value longer than `most_bytes`."""

    over_bytes: int | None
    most_bytes: int

    def packed(self, value: bytes) -> bytes | None:
        """None for a value that is too long to be kept."""
        if len(value) > self.most_bytes:
            return None
        if self.over_bytes is None or len(value) <= self.over_bytes:
            return RAW + value
        return ZSTD + ZstdCompressor(level=1, write_checksum=True).compress(value)

    def unpacked(self, frame: bytes) -> bytes | None:
        """None for what cannot be read, whoever wrote it."""
        kind, body = frame[:1], frame[1:]
        if kind == RAW:
            return body
        return self._decompressed(body) if kind == ZSTD else None

    def _decompressed(self, body: bytes) -> bytes | None:
        try:
            head = get_frame_parameters(body)  # which the checksum does not cover
            if head.dict_id or not head.has_checksum or head.content_size > self.most_bytes:
                return None
            found = ZstdDecompressor().decompress(body, read_across_frames=False, allow_extra_data=False)
        except ZstdError:
            return None
        return found if 0 < len(found) == head.content_size else None
