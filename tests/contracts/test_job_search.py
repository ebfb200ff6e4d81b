"""What every JobStore promises of finding jobs: the filters, the orders and the pages, against a plain look at all."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from engine.jobs.command import Cancel
from engine.jobs.job import Job
from engine.jobs.ports import JobStore
from engine.jobs.query import COUNTED_AT_MOST, SORTED_BY, JobQuery
from engine.jobs.request import Options
from engine.jobs.status import Status
from tests.contracts.jobs import claim, done, failed, new_job, now, put_off, submit
from tests.contracts.stores import START, Hand

FILTERS: dict[str, tuple[dict[str, Any], Any]] = {
    "nothing": ({}, lambda _: True),
    "one status": ({"statuses": (Status.QUEUED,)}, lambda job: job.status is Status.QUEUED),
    "statuses": (
        {"statuses": (Status.FAILED, Status.COMPLETED)},
        lambda job: job.status in {Status.FAILED, Status.COMPLETED},
    ),
    "a type": ({"scraper_types": ("browser",)}, lambda job: job.scraper_type == "browser"),
    "types": ({"scraper_types": ("browser", "none")}, lambda job: job.scraper_type == "browser"),
    "an unknown type": ({"scraper_types": ("none",)}, lambda _: False),
    "a host": ({"host": "b.test"}, lambda job: job.request.host == "b.test"),
    "a batch": ({"batch_id": "batch_1"}, lambda job: job.batch_id == "batch_1"),
    "a tag": ({"tags": ("red",)}, lambda job: "red" in job.tags),
    "tags": ({"tags": ("red", "blue")}, lambda job: {"red", "blue"} & set(job.tags)),
    "the same twice": (
        {"statuses": (Status.FAILED, Status.FAILED), "scraper_types": ("http", "http")},
        lambda job: job.status is Status.FAILED and job.scraper_type == "http",
    ),
    "the same tag twice": ({"tags": ("red", "red")}, lambda job: "red" in job.tags),
    "a part of the URL": ({"url_contains": "A.TEST/1"}, lambda job: "a.test/1" in job.request.url),
    "wildcards as they are": ({"url_contains": "%_\\"}, lambda _: False),
    "dates": (
        {"date_from": START + 5, "date_to": START + 20},
        lambda job: START + 5 <= job.created_at <= START + 20,
    ),
    "a date and statuses": (
        {"date_from": START + 11.0, "statuses": (Status.RUNNING, Status.CANCELLED)},
        lambda job: job.created_at >= START + 11 and job.status in {Status.RUNNING, Status.CANCELLED},
    ),
    "all at once": (
        {
            "statuses": (Status.QUEUED, Status.COMPLETED),
            "scraper_types": ("http",),
            "url_contains": "test",
            "host": "a.test",
            "tags": ("red", "blue"),
            "batch_id": "batch_0",
            "date_to": START + 30,
        },
        lambda job: (
            job.status in {Status.QUEUED, Status.COMPLETED}
            and job.scraper_type == "http"
            and job.request.host == "a.test"
            and {"red", "blue"} & set(job.tags)
            and job.batch_id == "batch_0"
            and job.created_at <= START + 30
        ),
    ),
    "a batch and statuses": (
        {"batch_id": "batch_0", "statuses": (Status.QUEUED,)},
        lambda job: job.batch_id == "batch_0" and job.status is Status.QUEUED,
    ),
}


async def a_crowd(store: JobStore, hand: Hand) -> list[Job]:
    """Forty jobs in all states; every third was created at the same time as another."""
    await submit(store, *(_various(number) for number in range(40)))
    leases = await claim(store, 16)
    hand.turn(100)
    await store.settle([done(lease) for lease in leases[:4]] + [failed(lease) for lease in leases[4:8]])
    hand.turn(1)
    await store.settle([put_off(lease, hand.now() + 9) for lease in leases[8:10]])
    await store.commit([Cancel(job_id=lease.job_id) for lease in leases[10:12]])
    return [await now(store, f"job_{number:04}") for number in range(40)]


def _various(number: int) -> Job:
    return new_job(
        number,
        host=("a.test", "b.test", "c.test")[number % 3],
        created_at=START + number - (number % 3 == 1),
        scraper_type="browser" if number % 4 == 3 else "http",
        priority=number % 5 - 2,
        tags=(("red",), ("blue",), ("red", "blue"), ())[number % 4],
        batch_id=(None, "batch_0", "batch_1")[number % 7 % 3],
    )


@pytest.mark.parametrize("kind", FILTERS)
async def test_each_filter_finds_what_it_says_in_every_order(store: JobStore, hand: Hand, kind: str) -> None:
    asked, fits = FILTERS[kind]
    crowd = [job for job in await a_crowd(store, hand) if fits(job)]
    for sort_by, descending in product(SORTED_BY, (True, False)):
        expected = sorted(crowd, key=lambda job: (getattr(job, sort_by), job.id), reverse=descending)
        found = await store.find(JobQuery(sort_by=sort_by, descending=descending, limit=100, **asked))
        assert list(found.jobs) == expected
        assert (found.total, found.total_is_lower_bound) == (len(expected), False)


@pytest.mark.parametrize("sort_by", SORTED_BY)
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("kind", ["nothing", "tags", "a host", "statuses"])
async def test_pages_by_offset_and_by_the_last_one_seen_are_the_same(
    store: JobStore, hand: Hand, *, sort_by: str, descending: bool, kind: str
) -> None:
    await a_crowd(store, hand)
    asked = {**FILTERS[kind][0], "sort_by": sort_by, "descending": descending}
    whole = (await store.find(JobQuery(limit=100, **asked))).jobs
    after: tuple[Any, str] | None = None
    for offset in range(0, len(whole) + 7, 7):
        by_offset = await store.find(JobQuery(limit=7, offset=offset, **asked))
        by_last = await store.find(JobQuery(limit=7, after=after, **asked))
        assert by_offset.jobs == by_last.jobs == whole[offset : offset + 7]
        assert by_offset.total == by_last.total == len(whole)
        if by_last.jobs:
            after = (getattr(by_last.jobs[-1], sort_by), by_last.jobs[-1].id)


async def test_a_list_leaves_out_what_may_be_megabytes_of_each_job(store: JobStore) -> None:
    large = {"data": {"a": "x" * 1000}, "params": {"b": "1"}, "headers": {"C": "d"}, "options": Options(timeout_s=7)}
    job = new_job(request=large)
    await submit(store, job)
    ((listed,), bare) = (await store.find(JobQuery())).jobs, new_job().request
    assert listed == replace(job, request=bare)
    assert (await now(store, job.id)).request == job.request


async def test_a_filtered_list_counts_only_so_far(store: JobStore) -> None:
    await submit(store, *(new_job(number, batch_id="batch_1") for number in range(COUNTED_AT_MOST + 5)))
    filtered = await store.find(JobQuery(host="site.test", limit=1))
    assert (filtered.total, filtered.total_is_lower_bound) == (COUNTED_AT_MOST, True)
    for query in (
        JobQuery(limit=1),
        JobQuery(statuses=(Status.QUEUED,), limit=1),
        JobQuery(batch_id="batch_1", limit=1),
    ):
        counted = await store.find(query)
        assert (counted.total, counted.total_is_lower_bound) == (COUNTED_AT_MOST + 5, False)


async def test_an_empty_store_finds_nothing(store: JobStore) -> None:
    assert (await store.find(JobQuery())).total == 0
