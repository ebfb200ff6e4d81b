"""Keys of submits: the same again is the same answer, something else is refused, nothing is done twice."""

import json
from typing import Any

import pytest

from tests.engine.api.conftest import Client
from tests.engine.api.shelf import Shelf

ONE = json.dumps({"url": "http://site.test/a"}).encode()
OTHER = json.dumps({"url": "http://site.test/b"}).encode()
BULK = b'{"jobs": [%b, %b]}' % (ONE, OTHER)
ROUTES = {"/api/v1/scrape": ONE, "/api/v1/scrape/bulk": BULK}
Answered = tuple[int, bytes, str | None, str | None]


async def post(client: Client, path: str, body: bytes, key: str) -> Answered:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    async with client.post(path, data=body, headers=headers) as answer:
        told = answer.headers
        return answer.status, await answer.read(), told.get("Location"), told.get("Idempotent-Replayed")


@pytest.mark.parametrize("path", ROUTES)
async def test_the_same_again_is_the_same_answer_and_says_so(client: Client, shelf: Shelf, path: str) -> None:
    status, body, location, replayed = await post(client, path, ROUTES[path], "a")
    assert (status, replayed) == (202, None)
    stored = dict(shelf.jobs)
    for again in (path, path + "/"):
        assert await post(client, again, ROUTES[path], "a") == (202, body, location, "true")
    assert shelf.jobs == stored
    assert (location is None) == (path != "/api/v1/scrape")


async def test_another_key_is_another_job(client: Client, shelf: Shelf) -> None:
    answers = [await post(client, "/api/v1/scrape", ONE, key) for key in ("a", "b")]
    assert len({json.loads(body)["job_id"] for _, body, *_ in answers}) == len(shelf.jobs) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/scrape", OTHER),
        ("/api/v1/scrape", ONE + b" "),
        ("/api/v1/scrape/bulk", BULK),
    ],
)
async def test_something_else_under_a_known_key_is_refused(
    client: Client, shelf: Shelf, path: str, body: bytes
) -> None:
    await post(client, "/api/v1/scrape", ONE, "a")
    status, told, _, _ = await post(client, path, body, "a")
    assert (status, json.loads(told)["error"]) == (422, "idempotency_key_reused")
    assert len(shelf.jobs) == 1


@pytest.mark.parametrize("key", ["", "a b", "é", "a" * 256, "a\tb"])
async def test_what_is_no_key_is_refused_by_name(client: Client, shelf: Shelf, key: str) -> None:
    for path, body in ROUTES.items():
        status, told, _, _ = await post(client, path, body, key)
        assert (status, [each["field"] for each in json.loads(told)["details"]]) == (422, ["Idempotency-Key"])
    assert not shelf.jobs


async def test_a_key_may_be_given_once(client: Client, shelf: Shelf) -> None:
    headers = [("Content-Type", "application/json"), ("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    async with client.post("/api/v1/scrape", data=ONE, headers=headers) as answer:
        assert answer.status == 422
    assert not shelf.jobs


async def test_what_was_refused_leaves_the_key_free(client: Client, shelf: Shelf) -> None:
    key = "~" * 255
    status, *_ = await post(client, "/api/v1/scrape", b'{"url": "x"}', key)
    assert (status, shelf.kept) == (422, {})
    status, _, _, replayed = await post(client, "/api/v1/scrape", ONE, key)
    assert (status, replayed) == (202, None)


async def test_without_a_key_nothing_is_kept(client: Client, shelf: Shelf) -> None:
    found: list[Any] = []
    for _ in range(2):
        async with client.post("/api/v1/scrape", data=ONE, headers={"Content-Type": "application/json"}) as answer:
            found.append((await answer.json())["job_id"])
    assert len(set(found)) == len(shelf.jobs) == 2
    assert not shelf.kept
