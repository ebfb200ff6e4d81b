"""Pages as rows of the results, and their bodies."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from engine.jobs.lease import Lease
from engine.jobs.outcome import Chunks, Page
from engine.jobs.verdict import Settlement
from engine.storage.codec import decode_extraction, decode_headers, dumps, encode_extraction, refuse_nul
from engine.storage.frames import compressed, decompressed

PAGE = (
    "status_code, final_url, headers, content_type, charset, body, size, chunks, sha256, elapsed_s, extraction, "
    "from_cache"
)
COLUMNS = f"job_id, fence, {PAGE}"
LARGE = tuple(COLUMNS.split(", ").index(name) for name in ("headers", "body", "extraction"))
"""Places in a row."""


class Parts(NamedTuple):
    """Where a body lies: inline, or in `chunks` pieces of a fence."""

    fence: int
    chunks: int
    inline: bytes


def result_rows(settlements: Iterable[Settlement]) -> list[tuple[Any, ...]]:
    kept = [(settlement.lease, page) for settlement in settlements if (page := settlement.page) is not None]
    frames = iter(compressed([page.body for _, page in kept if page.body]))
    return [_row(lease, page, next(frames) if page.body else None) for lease, page in kept]


def _row(lease: Lease, page: Page, frame: bytes | None) -> tuple[Any, ...]:
    if "\0" in page.final_url or "\0" in page.content_type:
        refuse_nul()
    return (
        lease.job_id,
        lease.fence,
        page.status_code,
        page.final_url,
        dumps(page.headers),
        page.content_type,
        page.charset,
        frame,
        page.size,
        page.chunks and page.chunks.count,
        page.chunks and page.chunks.sha256,
        page.elapsed_s,
        page.extraction and encode_extraction(page.extraction),
        int(page.from_cache),
    )


def page_of(job_id: str, *values: Any) -> Page | None:
    status_code, final_url, headers, content_type, charset, frame, size, chunks, sha256, elapsed_s, *rest = values
    if status_code is None:
        return None
    extraction, from_cache = rest
    return Page(
        status_code=status_code,
        final_url=final_url,
        headers=decode_headers(headers),
        content_type=content_type,
        charset=charset,
        body=decompressed(frame, job_id) if frame else b"",
        size=size,
        chunks=None if chunks is None else Chunks(count=chunks, sha256=sha256),
        elapsed_s=elapsed_s,
        extraction=decode_extraction(extraction),
        from_cache=bool(from_cache),
    )
