"""Writes new jobs."""

from collections.abc import Sequence
from typing import Any

from engine.jobs.command import Submit
from engine.jobs.job import Batch, Job
from engine.jobs.once import Once
from engine.storage.codec import dumps
from engine.storage.job_rows import NEW_COLUMNS, new_row
from engine.storage.lane import lane_of
from engine.storage.sqlite.keys import others
from engine.storage.sqlite.many_rows import ManyRows
from engine.storage.sqlite.transaction import Transaction

KNOWN = "SELECT json_group_array(id) FROM jobs WHERE id IN (SELECT value FROM json_each(?))"
JOBS = ManyRows(
    text=f"INSERT INTO jobs ({NEW_COLUMNS}, status, fence, attempts, losses, ran_s) VALUES {{rows}}",  # noqa: S608 - constants
    width=14,
    tail=", 'queued', 0, 0, 0, 0.0",
    large=NEW_COLUMNS.split(", ").index("request"),
)
TAGS = ManyRows(text="INSERT INTO job_tags (tag, created_at, job_id) VALUES {rows} ON CONFLICT DO NOTHING", width=3)
BATCHES = ManyRows(
    text="INSERT INTO batches (id, total, created_at, parallel_limit, stop_on_error, turn) VALUES {rows} "
    "ON CONFLICT DO NOTHING",
    width=6,
)


def submit(transaction: Transaction, submits: Sequence[Submit]) -> Sequence[Once | None]:
    """Jobs that are known stay as they are. What is kept under a key already is the answer, and nothing is written."""
    answers = others(transaction, submits)
    _write(transaction, [submit for submit, other in zip(submits, answers, strict=True) if other is None])
    return answers


def _write(transaction: Transaction, submits: Sequence[Submit]) -> None:
    batches = [submit.batch for submit in submits if submit.batch is not None]
    limited = {batch.id for batch in batches if batch.parallel_limit is not None}
    jobs = _new(transaction, [job for submit in submits for job in submit.jobs])
    rows = [new_row(job, lane_of(job, is_limited=job.batch_id in limited)) for job in jobs]
    transaction.write(JOBS, rows)
    transaction.write(TAGS, [(tag, job.created_at, job.id) for job in jobs for tag in job.tags])
    transaction.write(BATCHES, [_batch_row(batch, transaction.places.reached + 1) for batch in batches])
    transaction.came(rows)


def _new(transaction: Transaction, jobs: Sequence[Job]) -> Sequence[Job]:
    known = set(transaction.parsed(KNOWN, dumps([job.id for job in jobs])))
    found: dict[str, Job] = {}
    for job in jobs:
        if job.id not in known:
            found.setdefault(job.id, job)
    return list(found.values())


def _batch_row(batch: Batch, turn: float) -> tuple[Any, ...]:
    return (batch.id, batch.total, batch.created_at, batch.parallel_limit, batch.stop_on_error, turn)
