"""A Job as a row of the table, and back."""

from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from engine.jobs.job import Job
from engine.jobs.mould import Mould
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from engine.storage.codec import decode_request, decode_tags, encode_request, encode_tags

COLUMNS = (
    "jobs.id, scraper_type, url, host, method, request, status, priority, tags, batch_id, created_at, updated_at, "
    "started_at, completed_at, due_at, jobs.fence, lease_until, attempts, losses, ran_s, error_type, error_message"
)
LISTED = COLUMNS.replace("request", "NULL AS request")
"""In a list: without what may be megabytes a job, and nobody reads there."""
WIDTH = 22
NEW_COLUMNS = (
    "id, scraper_type, url, host, method, request, priority, tags, batch_id, lane, rank, created_at, updated_at, due_at"
)
"""Of a job that is new; the others begin as 'queued' and 0."""
_JOBS = Mould(
    Job,
    (
        *("id", "scraper_type", "request", "status", "priority", "tags", "batch_id", "created_at", "updated_at"),
        *("started_at", "completed_at", "due_at", "fence", "lease_until", "attempts", "losses", "ran_s"),
        *("error_type", "error_message"),
    ),
)
_STATUSES = {status.value: status for status in Status}


class Row(Protocol):
    """A tuple, or what the driver has instead."""

    def __getitem__(self, places: slice, /) -> Sequence[Any]: ...


def job_of(row: Row) -> Job:
    """Of the COLUMNS, which may be followed by others."""
    # All by their names: lists of the rest in between take half as long again.
    (
        job_id,
        scraper_type,
        url,
        host,
        method,
        rest,
        status,
        priority,
        tags,
        batch_id,
        created_at,
        updated_at,
        started_at,
        completed_at,
        due_at,
        fence,
        lease_until,
        attempts,
        losses,
        ran_s,
        error_type,
        error_message,
    ) = row[:WIDTH]
    return _JOBS.one(
        job_id,
        scraper_type,
        decode_request(url=url, host=host, method=method, rest=rest and orjson.loads(rest)),
        _STATUSES[status],
        priority,
        decode_tags(tags) if tags else (),
        batch_id,
        created_at,
        updated_at,
        started_at,
        completed_at,
        due_at,
        fence,
        lease_until,
        attempts,
        losses,
        ran_s,
        error_type and ErrorType(error_type),
        error_message,
    )


def new_row(job: Job, lane: str) -> tuple[Any, ...]:
    """Of the NEW_COLUMNS."""
    request = job.request
    return (
        job.id,
        job.scraper_type,
        request.url,
        request.host,
        request.method,
        encode_request(request),
        job.priority,
        encode_tags(job.tags) if job.tags else None,
        job.batch_id,
        lane,
        job.rank,
        job.created_at,
        job.updated_at,
        job.due_at,
    )
