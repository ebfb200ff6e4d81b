"""All routes on one page. The router and the OpenAPI document are both made of it.

Under /api/v1 a trailing slash is optional; HEAD is answered where GET is.
"""

from collections.abc import Mapping
from typing import Any

from engine.api import (
    about,
    admin,
    answers,
    backlog,
    batches,
    bottlenecks,
    bulk,
    capacity,
    docs,
    explain,
    guarantees,
    health,
    jobs,
    listing,
    memory,
    memory_status,
    profile,
    requests,
    results,
    retries,
    stats,
    streams,
    submits,
)
from engine.api.rendering import NDJSON
from engine.api.route import MEBIBYTE, Handler, Media, Route

PREFIX = "/api/v1"
JOB = "/scrape/{job_id}"
BATCH = "/batches/{batch_id}"
UNREADABLE = Media(types=("text/plain",))
"""The HTTP layer's own refusal of a request line that is too long for it."""
TEXT = Media(types=("text/plain", "application/openmetrics-text"))
PAGE = Media(types=("text/html",))
FILE = Media(types=("*/*",))
STREAM = Media(types=(NDJSON,), lines=(answers.LineAccepted, answers.LineRefused))
READ = (400, 413, 415, 422)
"""How a body can be refused."""
WRITTEN = (503, 507)
"""How a write can be."""


def route(
    method: str,
    path: str,
    handler: Handler,
    summary: str,
    given: Mapping[int, Any],
    *refusals: int,
    **more: Any,
) -> Route:
    return Route(
        method=method,
        path=path,
        handler=handler,
        summary=summary,
        answers=given,
        refusals=(*refusals, 500),
        **more,
    )


def api(method: str, path: str, *line: Any, **more: Any) -> Route:
    return route(method, PREFIX + path, *line, **more)


ROUTES = (
    route("GET", "/", health.root, "The name of the service", {200: answers.Message}),
    route(
        "GET",
        "/health",
        health.service_health,
        "Is the service well?",
        {200: about.ServiceHealth, 503: about.ServiceIllness},
    ),
    route("GET", "/metrics", health.metrics, "Prometheus or OpenMetrics text", {200: TEXT}),
    api(
        "POST",
        "/scrape",
        submits.submit,
        "Submit a job",
        {202: answers.ScrapeAnswer},
        *READ,
        *WRITTEN,
        body=requests.ScrapeRequest,
        takes_key=True,
    ),
    api(
        "POST",
        "/scrape/bulk",
        submits.submit_bulk,
        "Submit many jobs, all or none",
        {202: answers.BulkAnswer},
        *READ,
        *WRITTEN,
        body=requests.BulkScrapeRequest,
        most_bytes=64 * MEBIBYTE,
        most_jobs=requests.MOST_BULK_JOBS,
        takes_key=True,
    ),
    api(
        "POST",
        "/scrape/stream",
        streams.submit_stream,
        "Submit any number of jobs, one a line; each line is answered by one, in order, once it is on the disk. "
        "Read the answers while you send: the service reads no faster than they are taken",
        {200: STREAM},
        415,
        422,
        body=requests.StreamedRequest,
        body_type=NDJSON,
    ),
    api("GET", BATCH, batches.batch_status, "How a batch stands", {200: answers.BatchAnswer}, 404, 503),
    api(
        "DELETE",
        BATCH,
        batches.cancel_batch,
        "Cancel what is left of a batch, running jobs too",
        {200: answers.CancelledBatch},
        404,
        409,
        *WRITTEN,
    ),
    api("GET", JOB, jobs.status, "A job's status", {200: answers.JobStatus}, 404, 422, 503, query=jobs.StatusQuery),
    api("DELETE", JOB, jobs.cancel, "Cancel a job, a running one too", {200: answers.Message}, 404, 409, *WRITTEN),
    api(
        "POST",
        JOB + "/retry",
        retries.retry,
        "Put a failed or cancelled job back, to start anew; its result is gone",
        {202: answers.ScrapeAnswer},
        404,
        409,
        *WRITTEN,
    ),
    api("GET", JOB + "/result", results.result, "What a job came to", {200: answers.JobResult}, 404, 409, 410, 503),
    api(
        "GET",
        JOB + "/explain",
        explain.explain,
        "Where its time went, and why it waits",
        {200: answers.JobExplanation},
        404,
        503,
    ),
    api(
        "GET",
        JOB + "/download",
        results.download,
        "A job's result as a file",
        {200: FILE},
        404,
        409,
        410,
        422,
        503,
        query=results.DownloadQuery,
    ),
    api(
        "GET",
        "/jobs",
        listing.list_jobs,
        "List jobs",
        {200: answers.JobList, 400: UNREADABLE},
        422,
        503,
        query=listing.ListQuery,
    ),
    api(
        "POST",
        "/jobs/search",
        listing.search,
        "Search jobs",
        {200: answers.JobList},
        *READ,
        503,
        body=listing.JobSearch,
    ),
    api(
        "POST",
        "/jobs/bulk/retry",
        retries.retry_bulk,
        "Put failed and cancelled jobs back: by their ids, or all that a filter finds. By a filter it goes on in "
        "steps; one that broke off may be asked again",
        {200: answers.BulkRetryAnswer},
        *READ,
        *WRITTEN,
        body=retries.BulkRetryRequest,
    ),
    api(
        "POST",
        "/jobs/bulk/cancel",
        bulk.cancel_jobs,
        "Cancel jobs, running ones too",
        {200: answers.CancelledJobs},
        *READ,
        *WRITTEN,
        body=bulk.JobIds,
        query=bulk.CancelQuery,
    ),
    api(
        "DELETE",
        "/jobs/bulk",
        bulk.delete_jobs,
        "Delete jobs and their results",
        {200: answers.DeletedJobs},
        *READ,
        *WRITTEN,
        body=bulk.JobIds,
        query=bulk.DeleteQuery,
    ),
    api(
        "POST", "/jobs/queue/clear", backlog.clear_queue, "Cancel what is queued", {200: answers.ClearedQueue}, *WRITTEN
    ),
    api(
        "GET",
        "/jobs/stats",
        stats.stats,
        "How the jobs of the last days came out",
        {200: answers.JobStats, 400: UNREADABLE},
        422,
        503,
        query=stats.StatsQuery,
    ),
    api("GET", "/jobs/queue/status", backlog.queue_status, "The queue's figures", {200: answers.QueueStatus}, 503),
    api("GET", "/health", health.api_health, "Health and uptime", {200: about.ApiHealth, 503: about.ApiHealth}),
    api("GET", "/health/live", health.live, "Liveness probe", {200: about.Liveness, 503: about.Liveness}),
    api("GET", "/health/ready", health.ready, "Readiness probe", {200: about.Readiness, 503: about.Readiness}),
    api(
        "GET",
        "/system/memory",
        memory.memory,
        "How memory stands, what is held back, and why",
        {200: memory_status.MemoryStatus},
    ),
    api(
        "POST",
        "/admin/memory/snapshot",
        admin.memory_snapshot,
        "Which lines of code came to hold more memory while one looked; from this machine only",
        {200: about.MemorySnapshot},
        403,
        409,
        422,
        503,
        query=admin.SnapshotQuery,
    ),
    api(
        "POST",
        "/admin/bottlenecks",
        bottlenecks.count_bottlenecks,
        "Count what an analysis under load found to hold throughput back; from this machine only",
        {200: about.BottlenecksCounted},
        403,
        *READ,
        body=bottlenecks.FoundBottlenecks,
    ),
    api(
        "POST",
        "/admin/profile",
        admin.profile,
        "Where the process's threads are while one looks, or where its tasks wait; from this machine only, and one "
        "look at a time",
        {200: profile.Profile},
        403,
        409,
        422,
        503,
        query=admin.ProfileQuery,
    ),
    api("GET", "/system/capacity", capacity.capacity, "How much more is accepted now", {200: about.CapacityStatus}),
    api("GET", "/system/guarantees", guarantees.guarantees, "What is promised", {200: about.Guarantees}),
)
PROBES = tuple(
    each
    for each in ROUTES
    if each.path == "/metrics" or each.path.removeprefix(PREFIX).startswith(("/health", "/admin/"))
)
"""All that a process answers which only fetches."""
DOCUMENTED = (
    route("GET", "/openapi.json", docs.document, "This document", {200: about.OpenApiDocument}),
    route("GET", "/docs", docs.page, "This document as a page", {200: PAGE}),
)
