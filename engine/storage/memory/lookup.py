"""Finds jobs by filters, by looking at all of them."""

from collections.abc import Iterable
from dataclasses import replace

from engine.jobs.job import Job
from engine.jobs.query import COUNTED_AT_MOST, JobPage, JobQuery
from engine.jobs.request import Request


def matching(query: JobQuery, jobs: Iterable[Job]) -> JobPage:
    found = sorted((job for job in jobs if _fits(query, job)), key=lambda job: _place(query, job))
    if query.descending:
        found.reverse()
    total = len(found) if _is_counted(query) else min(len(found), COUNTED_AT_MOST)
    beyond = [job for job in found if _is_beyond(query, job)]
    return JobPage(
        jobs=tuple(map(_listed, beyond[query.offset : query.offset + query.limit])),
        total=total,
        total_is_lower_bound=not _is_counted(query) and total == COUNTED_AT_MOST,
    )


def _listed(job: Job) -> Job:
    request = job.request
    return replace(job, request=Request(url=request.url, host=request.host, method=request.method))


def _fits(query: JobQuery, job: Job) -> bool:
    return (
        (not query.statuses or job.status in query.statuses)
        and (not query.scraper_types or job.scraper_type in query.scraper_types)
        and (not query.url_contains or query.url_contains.lower() in job.request.url.lower())
        and (not query.host or job.request.host == query.host)
        and (not query.tags or not set(query.tags).isdisjoint(job.tags))
        and (not query.batch_id or job.batch_id == query.batch_id)
        and (query.date_from is None or job.created_at >= query.date_from)
        and (query.date_to is None or job.created_at <= query.date_to)
    )


def _is_counted(query: JobQuery) -> bool:
    """Whole statuses, of the store or of a batch, are counted to the end."""
    rest = (query.scraper_types, query.url_contains, query.host, query.tags)
    return not any(rest) and query.date_from is None and query.date_to is None


def _is_beyond(query: JobQuery, job: Job) -> bool:
    if query.after is None:
        return True
    place = _place(query, job)
    return place < query.after if query.descending else place > query.after


def _place(query: JobQuery, job: Job) -> tuple[float | int | str, str]:
    return getattr(job, query.sort_by), job.id
