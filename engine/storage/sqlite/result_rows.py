"""Pages as rows of the results, and their bodies."""

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from zstandard import BufferSegment

from engine.errors import StoreDamagedError
from engine.jobs.lease import Lease
from engine.jobs.outcome import Chunks, Page
from engine.jobs.query import Result
from engine.jobs.verdict import Settlement
from engine.storage.codec import decode_extraction, decode_headers, dumps, encode_extraction
from engine.storage.sqlite.frames import compressed, decompressed
from engine.storage.sqlite.job_rows import COLUMNS, WIDTH, job_of
from engine.storage.sqlite.many_rows import ManyRows

PAGE = "status_code, final_url, headers, content_type, charset, body, size, chunks, sha256, elapsed_s, extraction"
RESULTS = ManyRows(text=f"INSERT INTO job_results (job_id, fence, {PAGE}) VALUES {{rows}}", width=13)  # noqa: S608 - constants
RESULT = f"SELECT {COLUMNS}, {PAGE} FROM jobs LEFT JOIN job_results ON job_id = id WHERE id = ?"  # noqa: S608 - constants
BODY = "SELECT fence, chunks, body FROM job_results WHERE job_id = ?"
CHUNK = "SELECT data FROM body_chunks WHERE job_id = ? AND fence = ? AND seq = ?"


class Parts(NamedTuple):
    """Where a body lies: inline, or in `chunks` pieces of a fence."""

    fence: int
    chunks: int
    inline: bytes


def result_rows(settlements: Iterable[Settlement]) -> list[tuple[Any, ...]]:
    kept = [(settlement.lease, page) for settlement in settlements if (page := settlement.page) is not None]
    frames = iter(compressed([page.body for _, page in kept if page.body]))
    return [_row(lease, page, next(frames) if page.body else None) for lease, page in kept]


def result(connection: sqlite3.Connection, job_id: str) -> Result | None:
    rows = connection.execute(RESULT, (job_id,)).fetchall()
    return Result(job=job_of(rows[0]), page=_page_of(job_id, *rows[0][WIDTH:])) if rows else None


def parts(connection: sqlite3.Connection, job_id: str) -> Parts:
    for fence, chunks, frame in connection.execute(BODY, (job_id,)).fetchall():
        return Parts(fence, chunks or 0, decompressed(frame, job_id) if frame else b"")
    return Parts(0, 0, b"")


def chunk(connection: sqlite3.Connection, job_id: str, fence: int, seq: int) -> bytes:
    for (frame,) in connection.execute(CHUNK, (job_id, fence, seq)).fetchall():
        return decompressed(frame, job_id)
    raise StoreDamagedError(f"the body of {job_id} is damaged: piece {seq} is missing")


def _row(lease: Lease, page: Page, frame: BufferSegment | None) -> tuple[Any, ...]:
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
        encode_extraction(page.extraction),
    )


def _page_of(job_id: str, *values: Any) -> Page | None:
    status_code, final_url, headers, content_type, charset, frame, size, chunks, sha256, elapsed_s, extraction = values
    if status_code is None:
        return None
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
    )
