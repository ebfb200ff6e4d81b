"""Streams of jobs: each line is answered in its turn, what is held is bounded, what ends early ends cleanly."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import BaseTestServer, TestServer, get_port_socket

from engine.api import build_app
from engine.api.intake import WIDTH
from engine.api.rendering import NDJSON
from engine.api.streams import LINE_LIMIT
from engine.errors import StoreFullError
from engine.runtime import Closing
from tests.conftest import eventually
from tests.engine.api.clerk import Clerk, at_work
from tests.engine.api.conftest import Client
from tests.engine.api.services import the_services
from tests.engine.api.shelf import Shelf
from tests.engine.api.talk import narrow, talking

URL = "http://site.test/a"
BAD = {"url": URL, **{f"nonsense_{number}": number for number in range(100)}}

PATIENCE_S = 0.5
"""For what never comes."""


@pytest.fixture
async def clerk(shelf: Shelf) -> AsyncIterator[Clerk]:
    async with at_work(shelf) as clerk:
        yield clerk


@pytest.fixture
def closing() -> Closing:
    return Closing()


@pytest.fixture
async def server(shelf: Shelf, clerk: Clerk, closing: Closing) -> AsyncIterator[BaseTestServer]:
    async with TestServer(build_app(the_services(shelf, window=clerk.window, closing=closing))) as server:
        yield server


def asked(number: int, **more: Any) -> dict[str, Any]:
    return {"url": f"http://site.test/{number}", **more}


def urls(shelf: Shelf) -> list[str]:
    return [job.request.url for job in shelf.jobs.values()]


async def test_answers_come_while_lines_are_still_being_sent(server: BaseTestServer, shelf: Shelf) -> None:
    async with talking(server.make_url("/")) as talk:
        for number in range(3):
            await talk.tell(asked(number, config={"bypass_cloudflare": True}))
            (said,) = await talk.hear()
            assert shelf.jobs[said["job_id"]].request.url == f"http://site.test/{number}"
            assert said == {
                "line": number + 1,
                "job_id": said["job_id"],
                "status": "queued",
                "created_at": "2023-11-14T22:13:20Z",
                "warnings": ["bypass_cloudflare has no effect"],
                "replayed": False,
            }
        await talk.end()
        assert await talk.rest() == []


async def test_a_line_is_not_answered_before_it_is_committed(server: BaseTestServer, clerk: Clerk) -> None:
    clerk.may_go.clear()
    async with talking(server.make_url("/")) as talk:
        await talk.tell(asked(1), asked(2))
        await eventually(lambda: clerk.mailbox.depth == 1)  # the other is in the clerk's hand
        hearing = asyncio.create_task(talk.hear(2))
        await asyncio.sleep(0)
        assert not hearing.done()
        clerk.may_go.set()
        assert [said["line"] for said in await hearing] == [1, 2]


async def test_bad_lines_are_answered_in_their_turn_and_end_nothing(server: BaseTestServer, shelf: Shelf) -> None:
    lines = [
        b'{"url": "http://site.test/1"}\r\n',
        b'{"url": "gopher://site.test/", "priority": 99}\n',
        b"\n  \nnonsense\n",
        b'{"url": "http://site.test/", "tags": ["\\u0000"]}\n',
        b'{"url": "http://site.test/", "idempotency_key": "a b"}\n',
        b'[{"url": "http://site.test/"}]\n',
        b"x" * (LINE_LIMIT + 1) + b"\n",
        b'{"url": "http://site.test/2"}',
    ]
    async with talking(server.make_url("/")) as talk:
        for line in lines:
            await talk.say(line)
        await talk.end()
        found = await talk.rest()
    assert [said["line"] for said in found] == [1, 2, 5, 6, 7, 8, 9, 10]
    errors = [said.get("error") for said in found]
    invalid = "validation_error"
    assert errors == [None, invalid, "bad_request", invalid, invalid, invalid, "line_too_long", None]
    assert {each["field"] for each in found[1]["details"]} == {"url", "priority"}
    assert (found[2]["details"], "not JSON" in found[2]["message"]) == (None, True)
    assert urls(shelf) == ["http://site.test/1", "http://site.test/2"]


async def test_no_more_lines_are_on_their_way_than_the_window_is_wide(
    server: BaseTestServer, shelf: Shelf, clerk: Clerk
) -> None:
    clerk.may_go.clear()
    async with talking(server.make_url("/")) as talk:
        await talk.tell(*(asked(number) for number in range(3 * WIDTH)))
        await talk.end()
        await eventually(lambda: clerk.mailbox.depth == WIDTH - 1)
        clerk.may_go.set()
        assert [said["line"] for said in await talk.rest()] == list(range(1, 3 * WIDTH + 1))
    assert clerk.deepest == WIDTH
    assert urls(shelf) == [asked(number)["url"] for number in range(3 * WIDTH)]


async def test_who_takes_no_answers_is_read_no_further(shelf: Shelf) -> None:
    looked: list[object] = []
    services = the_services(shelf, validate_selector=looked.append)
    line = {**BAD, "config": {"extract": {"a": {"css": "h1"}}}}
    server = TestServer(build_app(services), socket_factory=lambda *place: narrow(get_port_socket(*place)))
    async with server, talking(server.make_url("/")) as talk:
        saying = asyncio.create_task(talk.tell(*[line] * 2000))
        await asyncio.wait({saying}, timeout=PATIENCE_S)
        assert not saying.done()
        assert len(looked) < 1000
        assert [said["line"] for said in await talk.hear(2000)] == list(range(1, 2001))
        await saying


async def test_what_a_client_did_not_finish_is_not_submitted(server: BaseTestServer, shelf: Shelf) -> None:
    async with talking(server.make_url("/")) as talk:
        await talk.tell(asked(1), asked(2))
        await talk.say(b'{"url": "http://site.test/3"}')
        assert len(await talk.hear(2)) == 2
        talk.vanish()
    await server.close()
    assert urls(shelf) == ["http://site.test/1", "http://site.test/2"]


async def test_what_cannot_be_read_on_breaks_the_answer_off(server: BaseTestServer, shelf: Shelf) -> None:
    whole = gzip.compress(b'{"url": "http://site.test/1"}\n', mtime=0)
    async with talking(server.make_url("/"), b"Content-Encoding: gzip\r\n") as talk:
        await talk.say(whole)
        assert len(await talk.hear()) == 1
        await talk.say(b"no gzip goes on like this")
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await talk.rest()
    assert urls(shelf) == ["http://site.test/1"]


async def test_lines_that_nobody_waits_for_any_more_are_given_up(
    server: BaseTestServer, shelf: Shelf, clerk: Clerk
) -> None:
    clerk.may_go.clear()
    async with talking(server.make_url("/")) as talk:
        await talk.tell(*(asked(number) for number in range(10 * WIDTH)))
        await eventually(lambda: clerk.mailbox.depth == WIDTH - 1)
        talk.vanish()
    clerk.may_go.set()
    await server.close()
    assert 0 < len(shelf.jobs) <= 2 * WIDTH


async def test_when_the_service_stops_a_stream_ends_after_its_last_answer(
    server: BaseTestServer, shelf: Shelf, clerk: Clerk, closing: Closing
) -> None:
    clerk.may_go.clear()
    async with talking(server.make_url("/")) as idle, talking(server.make_url("/")) as busy:
        await busy.tell(asked(1), asked(2))
        await busy.say(b'{"url": "http://site.test/3"}')
        await eventually(lambda: clerk.mailbox.depth == 1)
        closing.begin()
        assert await idle.rest() == []
        clerk.may_go.set()
        assert [said["line"] for said in await busy.rest()] == [1, 2]
    assert urls(shelf) == ["http://site.test/1", "http://site.test/2"]


async def test_a_line_with_a_key_is_submitted_once(server: BaseTestServer, shelf: Shelf) -> None:
    first, other = asked(1, idempotency_key="a"), asked(2, idempotency_key="a")
    found = []
    for _ in range(2):
        async with talking(server.make_url("/")) as talk:
            await talk.tell(first, first, other, asked(3, idempotency_key="b"))
            await talk.end()
            found.append(await talk.rest())
    assert [[said.get("replayed") for said in talk] for talk in found] == [
        [False, True, None, False],
        [True, True, None, True],
    ]
    assert {said["error"] for talk in found for said in talk if "error" in said} == {"idempotency_key_reused"}
    assert [said["line"] for said in found[1]] == [1, 2, 3, 4]
    assert len({said["job_id"] for talk in found for said in talk if "job_id" in said}) == len(shelf.jobs) == 2


async def test_a_line_that_cannot_be_kept_says_why_and_those_behind_it_go_on(
    server: BaseTestServer, shelf: Shelf, clerk: Clerk
) -> None:
    shelf.fault = StoreFullError()
    async with talking(server.make_url("/")) as talk:
        await talk.tell(asked(1), asked(2))
        assert [said["error"] for said in await talk.hear(2)] == ["store_full", "store_full"]
        shelf.fault = None
        await talk.tell(asked(3))
        assert [said["status"] for said in await talk.hear()] == ["queued"]
        clerk.mailbox.close()
        await talk.tell(asked(4))
        assert [said["error"] for said in await talk.hear()] == ["stopping"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
async def test_what_is_no_lines_is_refused(client: Client, content_type: str) -> None:
    async with client.post("/api/v1/scrape/stream", data=b"", headers={"Content-Type": content_type}) as answer:
        assert answer.status == 415
        assert "application/x-ndjson" in (await answer.json())["message"]


async def test_a_key_is_a_lines_and_not_the_streams(client: Client) -> None:
    headers = {"Idempotency-Key": "a", "Content-Type": NDJSON}
    async with client.post("/api/v1/scrape/stream", data=b"", headers=headers) as answer:
        assert (answer.status, (await answer.json())["details"][0]["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize("content_type", ["application/jsonl", "application/x-www-form-urlencoded"])
async def test_no_lines_are_no_answers(client: Client, content_type: str) -> None:
    async with client.post("/api/v1/scrape/stream", data=b"\n\n", headers={"Content-Type": content_type}) as answer:
        assert (answer.status, answer.content_type, await answer.read()) == (200, "application/x-ndjson", b"")
