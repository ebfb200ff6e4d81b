"""Reads whole jobs."""

from asyncpg import Connection

from engine.jobs.job import Job
from engine.storage.job_rows import COLUMNS, job_of

JOB = f"SELECT {COLUMNS} FROM jobs WHERE id = $1"  # noqa: S608 - a constant
JOBS = f"SELECT {COLUMNS} FROM jobs WHERE id = ANY($1::text[])"  # noqa: S608 - a constant


async def get(connection: Connection, job_id: str) -> Job | None:
    row = await connection.fetchrow(JOB, job_id)
    return None if row is None else job_of(row)
