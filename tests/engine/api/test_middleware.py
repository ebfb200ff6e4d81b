"""What every answer has, whatever it is: an id, its time, an entry in the metrics, the one body of refusals."""

import pytest
from aiohttp import ClientError, ClientPayloadError

from engine.api import Services
from engine.errors import (
    OverloadedError,
    QueryTooSlowError,
    RefusedDataError,
    StoppingError,
    StoreDamagedError,
    StoreFullError,
)
from engine.jobs.outcome import Chunks
from tests.engine.api.conftest import Client
from tests.engine.api.services import Book, Numbers, Tally
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job, a_page

BODY = {"error", "message", "details", "timestamp", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/scrape/stream", 405),
        ("GET", "/api/v1/scrape/job_1", 404),
        ("GET", "/api/v1/scrape", 405),
        ("TRACE", "/api/v1/jobs", 405),
        ("PUT", "/", 405),
        ("GET", "/api/v1/jobs?x=1", 422),
    ],
)
async def test_every_refusal_has_one_shape(client: Client, method: str, path: str, status: int) -> None:
    async with client.request(method, path, headers={"X-Request-ID": "mine-1"}) as response:
        answer = await response.json()
        assert (response.status, set(answer), answer["request_id"]) == (status, BODY, "mine-1")
        assert ("Allow" in response.headers) == (status == 405)
        assert response.headers["X-Request-ID"] == "mine-1"
        assert response.headers["X-Response-Time"].endswith("s")


@pytest.mark.parametrize("given", [None, "", "a b", "é", "a" * 129])
async def test_an_id_that_is_not_sane_is_replaced(client: Client, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    ids = set()
    for _ in range(3):
        async with client.get("/", headers=headers) as response:
            ids.add(response.headers["X-Request-ID"])
    assert len(ids - {given}) == 3


@pytest.mark.parametrize("path", ["/", "/health", "/metrics", "/api/v1/jobs", "/api/v1/health/", "/docs"])
async def test_head_is_get_without_the_body(client: Client, path: str) -> None:
    async with client.get(path) as got, client.head(path) as headed:
        assert (headed.status, await headed.read()) == (got.status, b"")
        assert headed.headers["Content-Length"] == got.headers["Content-Length"]


async def test_requests_are_counted_by_the_pattern_of_their_route(client: Client, services: Services) -> None:
    for path in ("/api/v1/scrape/job_1/", "/api/v1/scrape/job_2", "/wp-login.php", "/api/v1/scrape"):
        async with client.get(path):
            pass
    assert isinstance(services.traffic, Tally)
    pattern = "/api/v1/scrape/{job_id}"
    unmatched = [("GET", "unmatched", 404), ("GET", "unmatched", 405)]
    assert services.traffic.seen == [("GET", pattern, 404), ("GET", pattern, 404), *unmatched]


async def test_a_fault_of_ours_is_logged_once_and_tells_nothing(
    client: Client, services: Services, shelf: Shelf
) -> None:
    shelf.fault = KeyError("the secret inside")
    async with client.get("/api/v1/scrape/job_1/explain") as response:
        text = await response.text()
        assert (response.status, "secret" in text) == (500, False)
    assert isinstance(services.log, Book)
    ((event, fields),) = services.log.events
    assert (event, fields["exc_info"]) == ("api.failed", shelf.fault)
    assert fields["request_id"] in text


@pytest.mark.parametrize(
    ("fault", "status", "name"),
    [
        (StoreDamagedError(), 503, "store_damaged"),
        (OverloadedError(), 503, "overloaded"),
        (StoppingError(), 503, "stopping"),
        (QueryTooSlowError(), 422, "query_too_slow"),
        (RefusedDataError(), 422, "refused_data"),
    ],
)
async def test_each_error_has_its_status_and_its_own_words(
    client: Client, services: Services, shelf: Shelf, fault: Exception, status: int, name: str
) -> None:
    shelf.fault = fault
    async with client.get("/api/v1/scrape/job_1/explain") as response:
        answer = await response.json()
    assert (response.status, answer["error"], answer["message"]) == (status, name, str(fault))
    assert isinstance(services.log, Book)
    assert not services.log.events


async def test_an_answer_that_breaks_off_is_not_whole(client: Client, services: Services, shelf: Shelf) -> None:
    page = a_page(size=100, chunks=Chunks(count=2, sha256=""))
    shelf.put(a_job().claimed(now=1.0, until=2.0).completed(now=1.0, ran_s=0.0), page, body=b"a" * 100)
    shelf.fault = KeyError("gone")
    with pytest.raises((ClientPayloadError, ClientError)):
        async with client.get("/api/v1/scrape/job_1/download?format=raw") as response:
            await response.read()
    assert isinstance(services.log, Book)
    assert [event for event, _ in services.log.events] == ["api.failed"]


@pytest.mark.parametrize(
    ("rate", "told"), [(None, "1"), (0.0, "1"), (64_000.0, "1"), (64.0, "1"), (10.0, "7"), (0.01, "60")]
)
async def test_who_is_turned_away_is_told_when_to_come_back(
    client: Client, services: Services, shelf: Shelf, rate: float | None, told: str
) -> None:
    assert isinstance(services.figures, Numbers)
    services.figures.rate = rate
    shelf.fault = OverloadedError()
    async with client.get("/api/v1/scrape/job_1/explain") as response:
        assert response.headers["Retry-After"] == told


async def test_a_full_disk_is_507_and_names_no_time(client: Client, shelf: Shelf) -> None:
    shelf.fault = StoreFullError()
    async with client.post("/api/v1/scrape", json={"url": "http://site.test/"}) as response:
        assert (response.status, (await response.json())["error"]) == (507, "store_full")
        assert "Retry-After" not in response.headers
