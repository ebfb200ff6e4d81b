"""Reads whole jobs."""

import sqlite3

from engine.jobs.job import Job
from engine.storage.job_rows import COLUMNS, job_of

JOB = f"SELECT {COLUMNS} FROM jobs WHERE id = ?"  # noqa: S608 - a constant
JOBS = f"SELECT {COLUMNS} FROM jobs WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - a constant


def get(connection: sqlite3.Connection, job_id: str) -> Job | None:
    rows = connection.execute(JOB, (job_id,)).fetchall()
    return job_of(rows[0]) if rows else None
