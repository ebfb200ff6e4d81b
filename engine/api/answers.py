"""The JSON that goes out about jobs, and about what was wrong with a request.

The OpenAPI document is made of these, and the type checker holds the handlers to them. Times go out as ISO 8601 in UTC.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

StatusName = Literal["queued", "running", "completed", "failed", "cancelled"]
ReasonName = Literal["waits_for_turn", "scheduled", "waits_for_retry", "running", "final"]
JobId = Annotated[str, Field(pattern="^job_[0-9A-Za-z-]+$")]
ErrorName = Annotated[
    str | None,
    Field(
        description="invalid_url, unsupported_scheme, dns, connect, connect_timeout, tls, read_timeout, total_timeout,"
        " connection_lost, too_many_redirects, body_too_large, bad_encoding, http_4xx, http_5xx, robots,"
        " blocked_address, not_cached, cancelled, poison or internal"
    ),
]


class FieldError(TypedDict):
    field: str
    message: str


class ErrorAnswer(TypedDict):
    error: str
    message: str
    details: list[FieldError] | None
    timestamp: datetime
    request_id: str


class Message(TypedDict):
    message: str


class ScrapeAnswer(TypedDict):
    job_id: JobId
    task_id: Annotated[str, Field(description="the same as job_id")]
    status: StatusName
    message: str
    created_at: datetime
    estimated_completion: Annotated[datetime | None, Field(description="by the measured rate; null until there is one")]
    warnings: list[str]


class BulkAnswer(TypedDict):
    batch_id: str
    job_ids: list[JobId]
    total_jobs: int
    status: StatusName
    created_at: datetime
    warnings: list[str]


class LineAccepted(TypedDict):
    line: Annotated[int, Field(ge=1, description="counted from 1, blank lines too")]
    job_id: JobId
    status: StatusName
    created_at: datetime
    warnings: list[str]
    replayed: Annotated[bool, Field(description="answered as the line was that had this idempotency_key first")]


class LineRefused(TypedDict):
    line: int
    error: str
    message: str
    details: list[FieldError] | None


class StatusCounts(TypedDict):
    queued: int
    running: int
    completed: int
    failed: int
    cancelled: int


class BatchAnswer(TypedDict):
    batch_id: str
    status: Annotated[StatusName, Field(description="once none is left: failed, cancelled or completed")]
    total_jobs: int
    counts: StatusCounts
    progress: Annotated[int, Field(ge=0, le=100, description="percent of the jobs that are over")]
    created_at: datetime
    estimated_completion: Annotated[
        datetime | None, Field(description="at the batch's own pace so far; null until one was measured")
    ]
    parallel_limit: int | None
    stop_on_error: bool


class CancelledBatch(TypedDict):
    message: str
    cancelled: Annotated[int, Field(description="jobs")]


class ClearedQueue(TypedDict):
    message: str
    cleared: Annotated[int, Field(description="jobs")]


class FailedJob(TypedDict):
    job_id: str
    error: str


class CancelledJobs(TypedDict):
    message: str
    cancelled_jobs: list[JobId]
    failed_jobs: list[FailedJob]
    total_requested: Annotated[int, Field(description="an id that stands twice counts once")]
    total_cancelled: int
    total_failed: int


class BulkRetryAnswer(TypedDict):
    message: str
    retried_jobs: Annotated[list[JobId], Field(description="the first 1,000")]
    failed_jobs: Annotated[list[FailedJob], Field(description="the first 1,000")]
    total_requested: Annotated[int, Field(description="all that were asked for, each once; by a filter, all it found")]
    total_retried: int
    total_failed: int


class DeletedJobs(TypedDict):
    message: str
    deleted_jobs: list[JobId]
    failed_jobs: list[FailedJob]
    total_requested: Annotated[int, Field(description="an id that stands twice counts once")]
    total_deleted: int
    total_failed: int


class JobResult(TypedDict):
    status_code: int | None
    response_time: Annotated[float | None, Field(description="seconds from the request to the body's last byte")]
    content_length: Annotated[int | None, Field(description="bytes of the body, decoded of Content-Encoding")]
    content_type: str | None
    headers: Annotated[dict[str, str], Field(description="in lower case; repeated ones are joined by a comma")]
    content: Annotated[str | None, Field(description="the body as text; null if it is none: see download")]
    text: str | None
    links: list[str]
    images: list[str]
    final_url: str | None
    screenshot_url: None
    error_message: str | None
    error_type: ErrorName
    extracted: dict[str, str | list[str] | None] | None
    markdown: None
    from_cache: Annotated[
        bool, Field(description="the body had been kept, and held: it was fresh, or the site said so when asked")
    ]
    attempts: int


class JobStatus(TypedDict):
    job_id: JobId
    task_id: Annotated[str, Field(description="the same as job_id")]
    status: StatusName
    progress: Annotated[int, Field(ge=0, le=100, description="0 until the job is final, then 100")]
    progress_message: str
    url: str
    method: str
    scraper_type: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    result: Annotated[JobResult | None, Field(description="once the job has completed; null in lists")]
    error_message: str | None
    retry_count: int
    tags: list[str]
    priority: int
    batch_id: str | None
    error_type: ErrorName
    next_attempt_at: datetime | None


class JobList(TypedDict):
    jobs: list[JobStatus]
    total: int
    page: int
    page_size: int
    total_pages: int
    has_next: bool
    has_previous: bool
    next_cursor: str | None
    total_is_lower_bound: bool


Milliseconds = Annotated[float, Field(ge=0)]


class StageMilliseconds(TypedDict):
    """The stages follow each other; what an attempt did not need took 0."""

    delay: Annotated[Milliseconds, Field(description="until it was due: run_at, or the delay before a retry")]
    queue: Annotated[Milliseconds, Field(description="due, until it was claimed")]
    mailbox: Annotated[Milliseconds, Field(description="claimed, until its fetch began")]
    dns: Milliseconds
    connect: Milliseconds
    tls: Milliseconds
    first_byte: Annotated[Milliseconds, Field(description="from the connection to the answer's head, redirects too")]
    body: Milliseconds
    extraction: Milliseconds
    persisting: Annotated[
        Milliseconds,
        Field(description="from the outcome to its transaction's beginning, and what pieces of a large body took"),
    ]
    memory: Annotated[
        Milliseconds, Field(description="until there was memory: for the fetch, its body, its extraction")
    ]


class JobExplanation(TypedDict):
    job_id: JobId
    status: StatusName
    reason: ReasonName
    message: Annotated[str, Field(description="the reason in words")]
    since: Annotated[datetime, Field(description="the job's last move: its making, claim, failed attempt or end")]
    due_at: Annotated[datetime | None, Field(description="not before then; null once it is due")]
    lease_until: Annotated[datetime | None, Field(description="of a running job; renewed while it runs")]
    jobs_ahead: Annotated[
        int | None, Field(ge=0, description="in its lane (host and batch), counted to 10,001; null if none can be")
    ]
    estimated_start: Annotated[
        datetime | None, Field(description="of a waiting job, at the rate of the last minute; null without one")
    ]
    attempts: Annotated[int, Field(description="that came to an outcome")]
    losses: Annotated[int, Field(description="fetches that ended with the death of who made them")]
    total_ms: Annotated[Milliseconds | None, Field(description="from its making to its end; null before")]
    last_attempt_ms: Annotated[StageMilliseconds | None, Field(description="null before the first outcome")]
    all_attempts_ms: Annotated[StageMilliseconds | None, Field(description="the sum over all attempts")]
    unaccounted_ms: Annotated[
        float | None, Field(description="of total_ms, what no stage tells: leases that were lost or given back")
    ]


ResponseSeconds = Annotated[
    float | None,
    Field(
        ge=0,
        description="mean, in seconds, of the response_time of the pages that ended these jobs; of jobs deleted or put "
        "back since, too; null if there is none",
    ),
]


DateInUtc = Annotated[date, Field(description="in UTC")]


class DayStats(TypedDict):
    date: DateInUtc
    total: Annotated[int, Field(ge=0, description="jobs created that day, without those deleted since")]
    completed: Annotated[int, Field(ge=0, description="those of them that are completed now, whenever that was")]
    failed: Annotated[int, Field(ge=0)]
    cancelled: Annotated[int, Field(ge=0)]
    average_response_time: ResponseSeconds


class JobStats(TypedDict):
    """All of it is of the jobs that were created within the days asked for and not deleted since, as they stand now."""

    total_jobs: Annotated[int, Field(ge=0, description="created within the days, without those deleted since")]
    status_breakdown: Annotated[StatusCounts, Field(description="how they stand now; adds up to total_jobs")]
    scraper_type_breakdown: Annotated[dict[str, int], Field(description="jobs a type; adds up to total_jobs")]
    daily_stats: Annotated[
        list[DayStats], Field(description="an entry for each of the days, oldest first, by the day of creation")
    ]
    average_response_time: ResponseSeconds
    success_rate: Annotated[
        float | None,
        Field(ge=0, le=100, description="percent: completed of completed and failed; null before one of them is"),
    ]


class QueueStatus(TypedDict):
    queue_size: Annotated[int, Field(description="due and delayed")]
    running_jobs: Annotated[int, Field(description="under a lease")]
    max_concurrent_jobs: Annotated[int, Field(description="fetches at once, as it is governed now")]
    running_job_ids: Annotated[list[JobId], Field(description="at most 1,000")]
    queue_type: str
    backlog_seconds: Annotated[float | None, Field(description="null until a rate was measured")]
    due: int
    delayed: int
