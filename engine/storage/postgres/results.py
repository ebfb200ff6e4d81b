"""Reads pages and their bodies."""

from asyncpg import Connection

from engine.errors import StoreDamagedError
from engine.jobs.query import Result
from engine.storage import job_rows
from engine.storage.frames import decompressed
from engine.storage.postgres.transaction import Transaction
from engine.storage.result_rows import PAGE, Parts, page_of

RESULT = f"SELECT {job_rows.COLUMNS}, {PAGE} FROM jobs LEFT JOIN job_results ON job_id = id WHERE id = $1"  # noqa: S608 - constants
BODY = "SELECT fence, chunks, body FROM job_results WHERE job_id = $1"
OPEN = """
    INSERT INTO open_bodies (job_id, fence)
    SELECT job_id, fence FROM job_results WHERE job_id = ANY($1::text[]) AND chunks IS NOT NULL ON CONFLICT DO NOTHING
"""
FORGET = "DELETE FROM job_results WHERE job_id = ANY($1::text[])"
CHUNK = "SELECT data FROM body_chunks WHERE job_id = $1 AND fence = $2 AND seq = $3"


async def result(connection: Connection, job_id: str) -> Result | None:
    row = await connection.fetchrow(RESULT, job_id)
    if row is None:
        return None
    return Result(job=job_rows.job_of(row), page=page_of(job_id, *row[job_rows.WIDTH :]))


async def parts(connection: Connection, job_id: str) -> Parts:
    row = await connection.fetchrow(BODY, job_id)
    if row is None:
        return Parts(0, 0, b"")
    fence, chunks, frame = row
    return Parts(fence, chunks or 0, decompressed(frame, job_id) if frame else b"")


async def chunk(connection: Connection, job_id: str, fence: int, seq: int) -> bytes:
    """Empty if the result is gone meanwhile."""
    frame = await connection.fetchval(CHUNK, job_id, fence, seq)
    if frame is not None:
        return decompressed(frame, job_id)
    if (await parts(connection, job_id)).fence != fence:
        return b""
    raise StoreDamagedError(f"the body of {job_id} is damaged: piece {seq} is missing")


async def forget(transaction: Transaction, job_ids: list[str]) -> None:
    """The pieces of large bodies are left to sweeps, which are bounded."""
    await transaction.run(OPEN, job_ids)
    await transaction.run(FORGET, job_ids)
