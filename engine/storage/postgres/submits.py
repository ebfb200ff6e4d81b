"""Writes new jobs."""

from collections.abc import Sequence
from typing import Any

from asyncpg import UniqueViolationError

from engine.jobs.command import Submit
from engine.jobs.job import Batch
from engine.jobs.once import Once
from engine.jobs.status import Status
from engine.storage.arrivals import NewRow
from engine.storage.job_rows import NEW_COLUMNS, new_row
from engine.storage.lane import lane_of
from engine.storage.postgres.arrays import columns
from engine.storage.postgres.keys import others
from engine.storage.postgres.lanes import REACHED, OvertakenError
from engine.storage.postgres.transaction import Transaction

JOBS = f"""
    INSERT INTO jobs ({NEW_COLUMNS}, status, fence, attempts, losses, ran_s)
    SELECT *, 'queued', 0, 0, 0, 0.0 FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text::int[], $8::text[],
        $9::text[], $10::text[], $11::text::float8[], $12::text::float8[], $13::text::float8[], $14::text::float8[])
    ON CONFLICT (id) DO NOTHING
"""  # noqa: S608 - constants
NEW = "SELECT id FROM jobs WHERE id = ANY($1::text[]) AND xmin = pg_current_xact_id()::xid"
"""Those that the present transaction has put in: asked for only where some were known, for that is rare."""
TAGS = """
    INSERT INTO job_tags (tag, created_at, job_id)
    SELECT * FROM unnest($1::text[], $2::text::float8[], $3::text[]) ON CONFLICT DO NOTHING
"""
BATCHES = f"""
    WITH claims AS ({REACHED})
    INSERT INTO batches (id, total, created_at, parallel_limit, stop_on_error, turn)
    SELECT v.*, CASE WHEN parallel_limit IS NULL THEN 0 ELSE (SELECT turn + 1 FROM claims) END
    FROM unnest($4::text[], $5::text::int[], $6::text::float8[], $7::text::int[], $8::text::int[])
        AS v (id, total, created_at, parallel_limit, stop_on_error)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants
COLUMNS = (*NEW_COLUMNS.split(", "), "status", "fence", "attempts", "losses", "ran_s")
BEGUN = (Status.QUEUED.value, 0, 0, 0, 0.0)
"""The last of them."""
TAGGED = COLUMNS.index("tags")


async def submit(transaction: Transaction, submits: Sequence[Submit]) -> Sequence[Once | None]:
    """Jobs that are known stay as they are. What is kept under a key already is the answer, and nothing is written."""
    answers = await others(transaction, submits)
    await _write(transaction, [submit for submit, other in zip(submits, answers, strict=True) if other is None])
    return answers


async def _write(transaction: Transaction, submits: Sequence[Submit]) -> None:
    batches = [submit.batch for submit in submits if submit.batch is not None]
    limited = {batch.id for batch in batches if batch.parallel_limit is not None}
    jobs = {job.id: job for submit in reversed(submits) for job in submit.jobs}
    rows = [new_row(job, lane_of(job, is_limited=job.batch_id in limited)) for job in jobs.values()]
    new = await _insert(transaction, rows)
    tagged = [jobs[row[0]] for row in new if row[TAGGED]]
    await transaction.write(TAGS, sorted((tag, job.created_at, job.id) for job in tagged for tag in job.tags))
    await transaction.write(BATCHES, map(_batch_row, batches), *transaction.reached())
    transaction.came(new)
    for due_at in {row[-1] for row in new} - {None}:
        transaction.scheduled(due_at)


async def _insert(transaction: Transaction, rows: list[NewRow]) -> list[NewRow]:
    """In the order in which they came; returns those that were not known.

    Ids are new but for what is done again, so they are taken for new until one is not: a copy costs two thirds of the
    statement that leaves out what is known.
    """
    if transaction.is_again:
        return await _insert_unknown(transaction, rows)
    try:
        await transaction.copy("jobs", COLUMNS, [(*row, *BEGUN) for row in rows])
    except UniqueViolationError:
        raise OvertakenError from None
    return rows


async def _insert_unknown(transaction: Transaction, rows: list[NewRow]) -> list[NewRow]:
    if not rows or await transaction.run(JOBS, *columns(rows)) == len(rows):
        return rows
    ids = {job_id for (job_id,) in await transaction.rows(NEW, [row[0] for row in rows])}
    return [row for row in rows if row[0] in ids]


def _batch_row(batch: Batch) -> tuple[Any, ...]:
    return (batch.id, batch.total, batch.created_at, batch.parallel_limit, int(batch.stop_on_error))
