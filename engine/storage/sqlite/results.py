"""Writes pages, and reads them and their bodies."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from engine.errors import StoreDamagedError
from engine.jobs.query import Result
from engine.storage import job_rows
from engine.storage.frames import decompressed
from engine.storage.result_rows import COLUMNS, LARGE, PAGE, Parts, page_of
from engine.storage.sqlite.transaction import Transaction

KEEP = f"INSERT INTO job_results ({COLUMNS}) VALUES ({', '.join('?' * len(COLUMNS.split(', ')))})"  # noqa: S608 - constants
RESULT = f"SELECT {job_rows.COLUMNS}, {PAGE} FROM jobs LEFT JOIN job_results ON job_id = id WHERE id = ?"  # noqa: S608 - constants
BODY = "SELECT fence, chunks, body FROM job_results WHERE job_id = ?"
OPEN = """
    INSERT INTO open_bodies (job_id, fence)
    SELECT job_id, fence FROM job_results WHERE job_id IN (SELECT value FROM json_each(?)) AND chunks IS NOT NULL
    ON CONFLICT DO NOTHING
"""
FORGET = "DELETE FROM job_results WHERE job_id IN (SELECT value FROM json_each(?))"
CHUNK = "SELECT data FROM body_chunks WHERE job_id = ? AND fence = ? AND seq = ?"


def result(connection: sqlite3.Connection, job_id: str) -> Result | None:
    rows = connection.execute(RESULT, (job_id,)).fetchall()
    return Result(job=job_rows.job_of(rows[0]), page=page_of(job_id, *rows[0][job_rows.WIDTH :])) if rows else None


def parts(connection: sqlite3.Connection, job_id: str) -> Parts:
    for fence, chunks, frame in connection.execute(BODY, (job_id,)).fetchall():
        return Parts(fence, chunks or 0, decompressed(frame, job_id) if frame else b"")
    return Parts(0, 0, b"")


def chunk(connection: sqlite3.Connection, job_id: str, fence: int, seq: int) -> bytes:
    """Empty if the result is gone meanwhile."""
    for (frame,) in connection.execute(CHUNK, (job_id, fence, seq)).fetchall():
        return decompressed(frame, job_id)
    if all(kept != fence for kept, *_ in connection.execute(BODY, (job_id,)).fetchall()):
        return b""
    raise StoreDamagedError(f"the body of {job_id} is damaged: piece {seq} is missing")


def keep(transaction: Transaction, rows: Sequence[Sequence[Any]]) -> None:
    """Of COLUMNS."""
    transaction.write_each(KEEP, rows, large=LARGE)


def forget(transaction: Transaction, ids: str) -> None:
    """By a JSON list of job ids. The pieces of large bodies are left to sweeps, which are bounded."""
    transaction.run(OPEN, ids)
    transaction.run(FORGET, ids)
