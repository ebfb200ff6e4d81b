"""Lists: filters are understood or refused, and pages follow each other without a gap."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from engine.jobs.query import SORTED_BY, JobQuery
from engine.jobs.status import Status
from tests.engine.api.conftest import Client
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job


async def listed(client: Client, query: dict[str, Any] | str) -> tuple[int, Any]:
    written = query if isinstance(query, str) else urlencode(query)
    async with client.get(URL(f"/api/v1/jobs?{written}", encoded=True)) as response:
        return response.status, await response.json()


FILTERS = {
    "statuses": (Status.QUEUED, Status.FAILED),
    "scraper_types": ("http", "browser"),
    "tags": ("a", "b"),
    "date_from": 1577836800.0,
    "date_to": 1577840400.0,
    "sort_by": "priority",
    "descending": False,
    "offset": 14,
    "limit": 8,
}


@pytest.mark.parametrize(
    "written",
    [
        "status=queued&status=failed&scraper_type=cloudscraper&scraper_type=selenium&tags=a&tags=b",
        "status=queued,failed&scraper_type=http,browser&tags=a,b",
    ],
)
async def test_a_list_is_filtered_as_asked(client: Client, shelf: Shelf, written: str) -> None:
    dates = "date_from=2020-01-01T00:00:00&date_to=2020-01-01T02:00:00%2B01:00"
    others = "url_contains=x&host=site.test&batch_id=batch_1&sort_by=priority&sort_order=asc&page=3&page_size=7"
    assert (await listed(client, f"{written}&{dates}&{others}"))[0] == 200
    assert shelf.queries == [JobQuery(**FILTERS, url_contains="x", host="site.test", batch_id="batch_1")]  # type: ignore[arg-type]  # of many kinds


async def test_a_search_asks_the_same(client: Client, shelf: Shelf) -> None:
    body = {
        "query": "x",
        "status": ["queued", "failed"],
        "scraper_type": ["http", "selenium"],
        "tags": ["a", "b"],
        "date_from": "2020-01-01T00:00:00Z",
        "date_to": "2020-01-01T01:00:00Z",
        "page": 3,
        "page_size": 7,
        "sort_by": "priority",
        "sort_order": "asc",
    }
    async with client.post("/api/v1/jobs/search", json=body) as response:
        assert response.status == 200
    assert shelf.queries == [JobQuery(**FILTERS, url_contains="x")]  # type: ignore[arg-type]  # of many kinds


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=nonsense", "status.0"),
        ("scraper_type=ftp", "scraper_type.0"),
        ("tags=", "tags.0"),
        ("tags=a,%00", "tags"),
        ("url_contains=", "url_contains"),
        ("url_contains=" + "a" * 1001, "url_contains"),
        ("date_from=yesterday", "date_from"),
        ("page=0", "page"),
        ("page=1000001", "page"),
        ("page=1&page=2", "page"),
        ("page_size=101", "page_size"),
        ("sort_by=url", "sort_by"),
        ("sort_order=up", "sort_order"),
        ("colour=red", "colour"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%F0%9F%98%80", "cursor"),
    ],
)
async def test_what_is_not_understood_is_named(client: Client, query: str, field: str) -> None:
    status, answer = await listed(client, query)
    assert (status, [each["field"] for each in answer["details"]]) == (422, [field])


async def test_a_search_takes_no_text_for_numbers(client: Client) -> None:
    async with client.post("/api/v1/jobs/search", json={"page": "1", "host": "a"}) as response:
        assert [each["field"] for each in (await response.json())["details"]] == ["page", "host"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    jobs=st.lists(st.tuples(st.sampled_from(list(Status)), st.integers(-10, 10), st.floats(0, 4e9)), max_size=12),
    size=st.integers(1, 5),
    sort_by=st.sampled_from(SORTED_BY),
    order=st.sampled_from(["asc", "desc"]),
)
async def test_cursors_and_pages_both_lead_through_all_jobs_once(
    client: Client, shelf: Shelf, jobs: list[tuple[Status, int, float]], size: int, sort_by: str, order: str
) -> None:
    shelf.jobs.clear()
    for at, (status, priority, moment) in enumerate(jobs):
        shelf.put(a_job(id=f"job_{at:02}", status=status, priority=priority, created_at=moment, updated_at=moment))
    asked: dict[str, Any] = {"page_size": size, "sort_by": sort_by, "sort_order": order}
    seen, page, answer = list[str](), 1, (await listed(client, asked))[1]
    while True:
        by_number = (await listed(client, {**asked, "page": page}))[1]
        assert answer == by_number
        assert (answer["page"], answer["total"], answer["total_pages"]) == (page, len(jobs), -(-len(jobs) // size))
        assert (answer["has_previous"], answer["has_next"]) == (page > 1, answer["next_cursor"] is not None)
        seen += [job["job_id"] for job in answer["jobs"]]
        if not answer["has_next"]:
            break
        page, answer = page + 1, (await listed(client, {**asked, "cursor": answer["next_cursor"]}))[1]
    assert sorted(seen) == sorted(shelf.jobs)


async def test_a_cursor_belongs_to_its_order_and_brings_its_page(client: Client, shelf: Shelf) -> None:
    for at in range(3):
        shelf.put(a_job(id=f"job_{at}"))
    cursor = (await listed(client, {"page_size": 1}))[1]["next_cursor"]
    for more in ({"sort_by": "priority"}, {"sort_order": "asc"}, {"page": 2}):
        assert (await listed(client, {"page_size": 1, "cursor": cursor, **more}))[0] == 422


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    query=st.dictionaries(st.sampled_from(["page", "status", "date_to", "cursor", "tags", "x"]), st.text(max_size=9))
)
async def test_no_query_whatever_breaks_it(client: Client, query: dict[str, str]) -> None:
    assert (await listed(client, query))[0] in {200, 422}
