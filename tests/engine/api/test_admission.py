"""What requests hold of memory: paid for before it is held, given back however they end, bounded."""

import gzip
import subprocess
import sys
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from random import Random
from string import ascii_letters
from typing import Any, cast

import orjson
import pytest
from aiohttp.test_utils import TestClient, TestServer

from engine.api import Services, build_app
from engine.api.admission import Admission, need_of
from engine.api.rendering import NDJSON
from engine.api.requests import MOST_BULK_JOBS
from engine.api.streams import STREAM_BYTES
from engine.runtime import Credits
from tests.engine.api import weigh
from tests.engine.api.clerk import at_work
from tests.engine.api.conftest import Client
from tests.engine.api.services import Numbers, the_services
from tests.engine.api.shelf import Shelf

ROOT = Path(__file__).parents[3]
BUDGET_BYTES = 2 * STREAM_BYTES
URL = "http://site.test/a"
ENDS: dict[str, tuple[bytes, int]] = {
    "accepted": (orjson.dumps({"url": URL}), 202),
    "no JSON": (b"{", 400),
    "not valid": (orjson.dumps({"url": URL, "priority": 11}), 422),
    "too large to be read": (b" " * (BUDGET_BYTES + 1), 413),
    "too large to be parsed": (b"[" + b"{}," * (BUDGET_BYTES // 100) + b"{}]", 413),
    "large, and taken in": (orjson.dumps({"url": URL, "method": "POST", "data": {"a": "x" * 500_000}}), 202),
}


@pytest.fixture
def budget() -> Credits:
    return Credits(BUDGET_BYTES, may_overdraw=False)


@pytest.fixture
async def client(shelf: Shelf, budget: Credits) -> AsyncIterator[Client]:
    async with at_work(shelf) as clerk:
        services = the_services(shelf, window=clerk.window, admission=Admission(budget, waits_s=0.01))
        async with TestClient(TestServer(build_app(services))) as client:
            yield client


@pytest.mark.parametrize("end", ENDS)
async def test_a_request_gives_back_what_it_held_however_it_ends(client: Client, budget: Credits, end: str) -> None:
    body, status = ENDS[end]
    for path in ("/api/v1/scrape", "/api/v1/scrape/"):
        async with client.post(path, data=BytesIO(body), headers={"Content-Type": "application/json"}) as answer:
            assert answer.status == status
            assert (await answer.json()).keys() >= ({"job_id"} if status == 202 else {"error", "message"})
        assert budget.held_bytes == 0


async def test_who_finds_nothing_left_is_told_to_come_again_and_nothing_is_stored(
    client: Client, budget: Credits, shelf: Shelf
) -> None:
    held = budget.offer(BUDGET_BYTES)
    assert held is not None
    for path, body in (("/api/v1/scrape", {"url": URL}), ("/api/v1/scrape/bulk", {"jobs": [{"url": URL}]})):
        async with client.post(path, json=body) as answer:
            assert (answer.status, (await answer.json())["error"]) == (503, "overloaded")
            assert int(answer.headers["Retry-After"]) >= 1
    async with client.post("/api/v1/scrape/stream", data=b"", headers={"Content-Type": NDJSON}) as answer:
        assert answer.status == 503
    assert not shelf.jobs
    held.give_back()
    async with client.post("/api/v1/scrape", json={"url": URL}) as answer:
        assert answer.status == 202


async def test_a_body_of_unknown_length_may_be_as_large_as_is_safe(client: Client, budget: Credits) -> None:
    async def pieces(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b" " * 10_000
        yield orjson.dumps({"url": URL})

    for count, status in ((10, 202), (BUDGET_BYTES // 10_000, 413)):
        headers = {"Content-Type": "application/json"}
        async with client.post("/api/v1/scrape", data=pieces(count), headers=headers) as answer:
            assert answer.status == status
    assert budget.held_bytes == 0


async def test_a_body_that_unfolds_is_taken_in_and_pays_for_what_it_may_become(client: Client, budget: Credits) -> None:
    def asked(count: int) -> bytes:
        return gzip.compress(b" " * count + orjson.dumps({"url": URL, "headers": {"X-Mine": random_text(3_000)}}))

    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    for count, status in ((0, 202), (100_000, 202), (BUDGET_BYTES, 413)):
        async with client.post("/api/v1/scrape", data=asked(count), headers=headers) as answer:
            assert answer.status == status
        assert budget.held_bytes == 0


def random_text(length: int) -> str:
    """Not to be compressed to a few bytes."""
    return "".join(Random(7).choices(ascii_letters, k=length))


async def test_long_lines_of_a_stream_are_paid_for_one_by_one(client: Client, budget: Credits, shelf: Shelf) -> None:
    lines = [orjson.dumps({"url": URL, "method": "POST", "data": {"a": "x" * 300_000}}) for _ in range(20)]
    lines.append(b'{"url": "' + URL.encode() + b'", "data": {"a": [' + b"{}," * 300_000 + b"{}]}}")
    async with client.post(
        "/api/v1/scrape/stream", data=BytesIO(b"\n".join(lines)), headers={"Content-Type": NDJSON}
    ) as answer:
        said = [orjson.loads(line) for line in (await answer.read()).splitlines()]
    assert [each.get("error") for each in said] == [None] * 20 + ["request_entity_too_large"]
    assert len(shelf.jobs) == 20
    assert budget.held_bytes == 0


@pytest.mark.parametrize("kind", weigh.BODIES)
def test_nothing_takes_more_than_was_paid_for_it(kind: str) -> None:
    command = [sys.executable, "-m", weigh.__name__, kind]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    raw = weigh.body(kind)
    assert int(told.stdout) + len(raw) <= need_of(raw, MOST_BULK_JOBS)


async def test_how_much_more_is_accepted_is_told_and_holds(client: Client, budget: Credits) -> None:
    async def told() -> dict[str, Any]:
        async with client.get("/api/v1/system/capacity") as answer:
            assert answer.status == 200
            found: dict[str, Any] = await answer.json()
            return found

    async def taken(jobs: int) -> int:
        body = {"jobs": [{"url": f"{URL}/{'x' * 50}/{number}"} for number in range(jobs)]}
        async with client.post("/api/v1/scrape/bulk", json=body) as answer:
            return answer.status

    before = await told()
    assert (before["accepting"], before["reason"]) == (True, None)
    assert await taken(before["jobs"] - 20) == 202
    assert await taken(2 * before["jobs"]) == 413
    held = budget.offer(BUDGET_BYTES // 2)
    assert held is not None
    assert (await told())["jobs"] == before["jobs"] // 2
    assert await taken(before["jobs"] - 20) == 503
    held.give_back()


async def test_while_memory_is_short_nothing_is_accepted_and_it_is_said_why(services: Services) -> None:
    services.pressure.stop_admitting()
    async with TestClient(TestServer(build_app(services))) as client, client.get("/api/v1/system/capacity") as answer:
        told = await answer.json()
    assert (told["accepting"], told["jobs"], told["body_bytes"]) == (False, 0, 0)
    assert "memory is short" in told["reason"]


async def test_when_a_job_may_be_expected_to_end_is_told_once_a_rate_was_measured(services: Services) -> None:
    numbers = cast("Numbers", services.figures)
    async with TestClient(TestServer(build_app(services))) as client:
        for wait, expected in ((None, None), (90.0, "2023-11-14T22:14:50Z")):
            numbers.wait = wait
            async with client.post("/api/v1/scrape", json={"url": URL}) as answer:
                assert (await answer.json())["estimated_completion"] == expected
