"""Submitting: what is accepted is stored as it was asked for, what is refused leaves nothing behind."""

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.api import build_app
from engine.errors import StoreFullError
from engine.jobs.request import Options, Selector
from engine.runtime.errors import AskTimeout, MailboxClosed
from tests.engine.api.conftest import Client
from tests.engine.api.services import NOW, the_services
from tests.engine.api.shelf import Shelf

URL = "http://site.test/a"
EVERYTHING = {
    "url": "HTTP://Site.test:80/a",
    "method": "POST",
    "headers": {"X-Mine": "é", "Cookie": "a=b"},
    "data": {"a": [1, None, {"b": True}]},
    "params": {"q": ["x", 1]},
    "scraper_type": "cloudscraper",
    "config": {
        "timeout": 7,
        "max_retries": 2.0,
        "delay_between_retries": 0.5,
        "user_agent": "mine/1",
        "proxy": "http://me:secret@proxy.test:8080",
        "extract_text": True,
        "extract_links": True,
        "extract_images": True,
        "extract": {"title": {"css": "h1", "attr": "id", "all": True}, "price": {"regex": "[0-9]+"}},
        "max_body_bytes": 1000,
        "retry_unsafe": True,
        "bypass_cloudflare": True,
        "markdown": False,
        "cache": "bypass",
        "respect_robots": False,
        "wait_for_selector": None,
        "execute_script": None,
        "headless": True,
        "window_size": "1920,1080",
    },
    "tags": ["one", "two"],
    "priority": -3,
    "callback_url": None,
    "run_at": "2030-01-01T01:00:00+01:00",
}


async def post(client: Client, body: Any, path: str = "/api/v1/scrape") -> tuple[int, Any]:
    headers = {"Content-Type": "application/json"}
    async with client.post(path, data=json.dumps(body), headers=headers) as response:
        return response.status, await response.json()


async def complaints(client: Client, body: Any, path: str = "/api/v1/scrape") -> dict[str, str]:
    status, answer = await post(client, body, path)
    assert status == 422, answer
    return {each["field"]: each["message"] for each in answer["details"]}


async def test_all_that_is_asked_for_is_stored(client: Client, shelf: Shelf) -> None:
    status, answer = await post(client, EVERYTHING)
    assert (status, answer["warnings"]) == (202, ["bypass_cloudflare has no effect"])
    job = shelf.jobs[answer["job_id"]]
    assert (job.scraper_type, job.tags, job.priority, job.due_at) == ("http", ("one", "two"), -3, 1893456000.0)
    asked = job.request
    assert (asked.url, asked.host, asked.method) == (URL, "site.test", "POST")
    assert (asked.headers, asked.data, asked.params) == (
        EVERYTHING["headers"],
        EVERYTHING["data"],
        EVERYTHING["params"],
    )
    assert asked.options == Options(
        timeout_s=7.0,
        max_retries=2,
        delay_between_retries_s=0.5,
        user_agent="mine/1",
        proxy="http://me:secret@proxy.test:8080/",
        cache="bypass",
        extract_text=True,
        extract_links=True,
        extract_images=True,
        extract={"title": Selector(css="h1", attr="id", all=True), "price": Selector(regex="[0-9]+")},
        max_body_bytes=1000,
        retry_unsafe=True,
    )


async def test_what_is_not_said_comes_from_the_settings(client: Client, shelf: Shelf) -> None:
    await post(client, {"url": URL, "config": {"max_retries": 0}})
    (job,) = shelf.jobs.values()
    assert job.request.options == Options(timeout_s=20.0, max_body_bytes=1_000_000, max_retries=0)
    assert (job.due_at, job.created_at) == (None, NOW)


async def test_the_answer_says_where_the_job_is(client: Client) -> None:
    async with client.post("/api/v1/scrape/", json={"url": URL}) as response:
        answer = await response.json()
        location = response.headers["Location"]
    assert answer["task_id"] == answer["job_id"]
    assert (answer["status"], answer["created_at"]) == ("queued", "2023-11-14T22:13:20Z")
    async with client.get(location) as response:
        assert (await response.json())["job_id"] == answer["job_id"]


async def test_a_time_in_the_past_is_now(client: Client, shelf: Shelf) -> None:
    await post(client, {"url": URL, "run_at": "2001-01-01T00:00:00Z"})
    assert [job.due_at for job in shelf.jobs.values()] == [None]


@pytest.mark.parametrize("jumped_s", [-7200, 86400])
async def test_a_time_by_a_wall_clock_that_was_set_anew_is_as_far_off_as_was_meant(
    shelf: Shelf, jumped_s: float
) -> None:
    services = the_services(shelf, wall=lambda: NOW + jumped_s)
    run_at = datetime.fromtimestamp(NOW + jumped_s + 10, UTC).isoformat()
    async with TestClient(TestServer(build_app(services))) as client:
        await post(client, {"url": URL, "run_at": run_at})
    assert [(job.created_at, job.due_at) for job in shelf.jobs.values()] == [(NOW, NOW + 10)]


async def test_a_time_stays_what_it_is_however_long_a_bulk_takes(shelf: Shelf) -> None:
    seconds = count()
    services = the_services(shelf, wall=lambda: NOW + next(seconds), now=lambda: NOW + next(seconds))
    asked = {"url": URL, "run_at": datetime.fromtimestamp(NOW + 100, UTC).isoformat()}
    async with TestClient(TestServer(build_app(services))) as client:
        await post(client, {"jobs": [asked] * 5}, "/api/v1/scrape/bulk")
    assert [job.due_at for job in shelf.jobs.values()] == [NOW + 100] * 5


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("callback_url", "http://me.test/"),
        ("scraper_type", "browser"),
        ("scraper_type", "selenium"),
        ("config.markdown", True),
        ("config.respect_robots", True),
        ("config.wait_for_selector", "h1"),
        ("config.execute_script", "1"),
        ("config.headless", False),
        ("config.window_size", "100,100"),
        ("config.proxy", "https://proxy.test:1080"),
    ],
)
async def test_what_is_not_built_in_is_refused_by_name(client: Client, field: str, value: object) -> None:
    part, _, name = field.rpartition(".")
    body = {"url": URL, part: {name: value}} if part else {"url": URL, name: value}
    assert (await complaints(client, body))[field].endswith("not built in yet")


@pytest.mark.parametrize(
    ("asked", "limit", "stops"),
    [
        ({}, None, False),
        ({"parallel_limit": None, "stop_on_error": False}, None, False),
        ({"parallel_limit": 1, "stop_on_error": True}, 1, True),
        ({"parallel_limit": 1000}, 1000, False),
    ],
)
async def test_a_batch_is_kept_with_what_bounds_it(
    client: Client, shelf: Shelf, asked: dict[str, object], limit: int | None, stops: object
) -> None:
    async with client.post("/api/v1/scrape/bulk", json={"jobs": [{"url": URL}], **asked}) as response:
        batch = shelf.batches[(await response.json())["batch_id"]]
    assert (batch.parallel_limit, batch.stop_on_error) == (limit, stops)


@pytest.mark.parametrize(
    "asked", [{"parallel_limit": 0}, {"parallel_limit": 1001}, {"parallel_limit": "5"}, {"stop_on_error": 1}]
)
async def test_no_other_bounds_are_known(client: Client, asked: dict[str, object]) -> None:
    found = await complaints(client, {"jobs": [{"url": URL}], **asked}, "/api/v1/scrape/bulk")
    assert set(found) == set(asked)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://site.test/"),
        ("url", "site.test"),
        ("url", "http://site.test/" + "a" * 1_000_000),
        ("url", 7),
        ("method", "get"),
        ("tags", ["a"] * 11),
        ("tags.0", [""]),
        ("tags.1", ["a", "a" * 101]),
        ("priority", 11),
        ("priority", "1"),
        ("priority", True),
        ("headers", {"a\r\nb": "c"}),
        ("headers", {"a": "b\r\nc"}),
        ("headers", {"a": "b\tc\x7f"}),
        ("headers", {"a": 7}),
        ("headers", {"a": "b" * 8193}),
        ("headers", {f"a{at}": "b" * 8000 for at in range(5)}),
        ("headers", {f"a{at}": "b" for at in range(101)}),
        ("headers", {"Cookie": "a", "cookie": "b"}),
        ("headers", {"Content-Length": "5"}),
        ("headers", []),
        ("data", []),
        ("data", {str(at): at for at in range(1001)}),
        ("run_at", "tomorrow"),
        ("run_at", 1893456000),
        ("nonsense", 1),
        ("config.timeout", 0),
        ("config.timeout", "30"),
        ("config.max_retries", 1.5),
        ("config.max_body_bytes", 1_000_001),
        ("config.user_agent", "a\nb"),
        ("config.proxy", "http://proxy.test:99999"),
        ("config.proxy", "http://proxy.test/path"),
        ("config.extract.a", {"a": {}}),
        ("config.extract.a", {"a": {"css": "a", "xpath": "b"}}),
        ("config.extract.a", {"a": {"css": "(("}}),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_nothing_is_stored(
    client: Client, shelf: Shelf, field: str, value: object
) -> None:
    top, _, rest = field.partition(".")
    body: dict[str, Any] = {"url": URL, top: {rest.partition(".")[0]: value} if top == "config" else value}
    assert set(await complaints(client, body)) == {field}
    assert not shelf.jobs


async def test_all_that_is_wrong_is_said_at_once(client: Client) -> None:
    body = {"url": "x", "config": {"timeout": 0, "extract": {"a": {"css": "(("}}}, "priority": 99, "who": 1}
    assert set(await complaints(client, body)) == {"url", "config.timeout", "config.extract.a", "priority", "who"}


async def test_a_batch_is_stored_together(client: Client, shelf: Shelf) -> None:
    jobs = [{"url": f"http://site.test/{at}", "config": {"bypass_cloudflare": True}} for at in range(5)]
    status, answer = await post(client, {"jobs": jobs}, "/api/v1/scrape/bulk")
    assert (status, answer["total_jobs"], answer["status"], len(answer["warnings"])) == (202, 5, "queued", 1)
    stored = [shelf.jobs[job_id] for job_id in answer["job_ids"]]
    assert [job.request.url for job in stored] == [job["url"] for job in jobs]
    assert {job.batch_id for job in stored} == {answer["batch_id"]}


async def test_one_bad_job_of_a_batch_is_named_and_none_is_stored(client: Client, shelf: Shelf) -> None:
    jobs: list[dict[str, Any]] = [{"url": URL} for _ in range(18)]
    jobs[17] = {"url": "gopher://site.test", "config": {"extract": {"a": {"css": "(("}}}}
    found = await complaints(client, {"jobs": jobs}, "/api/v1/scrape/bulk")
    assert set(found) == {"jobs.17.url", "jobs.17.config.extract.a"}
    assert not shelf.jobs


@pytest.mark.parametrize("count", [0, 10_001])
async def test_a_batch_has_one_to_ten_thousand_jobs(client: Client, count: int) -> None:
    assert set(await complaints(client, {"jobs": [{"url": URL}] * count}, "/api/v1/scrape/bulk")) == {"jobs"}


async def test_of_very_many_faults_the_first_are_told(client: Client) -> None:
    status, answer = await post(client, {"jobs": [{"url": "x"}] * 1000}, "/api/v1/scrape/bulk")
    assert (status, len(answer["details"]), answer["details"][-1]["message"]) == (422, 101, "900 more")


@pytest.mark.parametrize(
    ("fault", "refused", "name"),
    [
        (StoreFullError(), 507, "store_full"),
        (AskTimeout("commands"), 503, "no_answer_in_time"),
        (MailboxClosed(), 503, "stopping"),
    ],
)
async def test_a_store_that_cannot_refuses(
    client: Client, shelf: Shelf, fault: Exception, refused: int, name: str
) -> None:
    shelf.fault = fault
    status, answer = await post(client, {"url": URL})
    assert (status, answer["error"]) == (refused, name)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)
NAMES = st.sampled_from([*EVERYTHING, *EVERYTHING["config"], "css", "jobs"]) | st.text(max_size=3)  # type: ignore[misc]  # names
BODIES = JSON | st.dictionaries(NAMES, JSON).map(lambda body: {**body, "url": URL})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(body=BODIES, path=st.sampled_from(["", "/bulk"]))
async def test_whatever_comes_is_accepted_and_stored_or_refused_and_not(
    client: Client, shelf: Shelf, body: object, path: str
) -> None:
    before = len(shelf.jobs)
    status, _ = await post(client, body, f"/api/v1/scrape{path}")
    assert status in {202, 422}
    assert (len(shelf.jobs) > before) == (status == 202)
