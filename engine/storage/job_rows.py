"""A Job as a row of the table, and back."""

from typing import Any, Protocol

import orjson

from engine.jobs.job import Job
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
_STATUSES = {status.value: status for status in Status}


class Row(Protocol):
    """A tuple, or what the driver has instead."""

    def __getitem__(self, index: int, /) -> Any: ...


def job_of(row: Row) -> Job:
    """Of the COLUMNS, which may be followed by others."""
    rest = row[5]
    return Job(
        id=row[0],
        scraper_type=row[1],
        request=decode_request(url=row[2], host=row[3], method=row[4], rest=rest and orjson.loads(rest)),
        status=_STATUSES[row[6]],
        priority=row[7],
        tags=decode_tags(row[8]),
        batch_id=row[9],
        created_at=row[10],
        updated_at=row[11],
        started_at=row[12],
        completed_at=row[13],
        due_at=row[14],
        fence=row[15],
        lease_until=row[16],
        attempts=row[17],
        losses=row[18],
        ran_s=row[19],
        error_type=row[20] and ErrorType(row[20]),
        error_message=row[21],
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
        encode_tags(job.tags),
        job.batch_id,
        lane,
        job.rank,
        job.created_at,
        job.updated_at,
        job.due_at,
    )
