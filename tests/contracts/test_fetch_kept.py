"""What holds of a plain request, over a new connection and a kept one: nothing tells it from one by aiohttp's session.

With TLS and without.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from typing import Any

import aiohttp
import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fetch.limits import CHUNK_BYTES
from engine.fetch.plain import LONGEST_BODY
from engine.jobs.outcome import ErrorType, Outcome, Page
from tests.conftest import eventually
from tests.contracts.scripted import SILENCE, Site, answer, saying
from tests.contracts.test_fetch import FETCHES, Visitor, answers, gzipped

Says = Callable[..., AbstractAsyncContextManager[Site]]

BY_SESSION = {"X-A": "b"}
"""A request with a header of its own is not plain."""

MANNERS = {
    "plain": answer(b"ok", Content_Type="text/plain"),
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    "empty": answer(b""),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not modified": b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
    "an error": answer(b"no", status="503 No", Retry_After="7"),
    "with hints before": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(b"ok"),
    "two cookies": b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n",
    "not ascii": answer(b"ok", X_Name="\u00fc"),
    "large": answer(b"x" * (CHUNK_BYTES + 1)),
    "closing": answer(b"ok", Connection="close"),
    "staying": answer(b"ok", Connection="Keep-Alive"),
    "folded": answer(gzipped(b"ok"), Content_Encoding="gzip"),
    "blanks behind": b"HTTP/1.1 200 OK\r\nContent-Length: 2 \r\nX-A:\tb\t \r\nX-B:\r\n\r\nok",
    "no reason": b"HTTP/1.1 404\r\nContent-Length: 2\r\n\r\nok",
    "a zero ahead": b"HTTP/1.1 200 OK\r\nContent-Length: 002\r\n\r\nok",
    "of the largest plain size": answer(b"x" * LONGEST_BODY),
    "of more than that": answer(b"x" * (LONGEST_BODY + 1)),
    "more than it said": answer(b"ok") + answer(b"no"),
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "no status": b"HTTP/1.1 ok\r\n\r\n",
    "no http": b"SSH-2.0-x\r\n\r\n",
    "no http yet": b"SSH-2.0-x\r\n",
    "no header": b"HTTP/1.1 200 OK\r\nno header\r\n",
    "line feeds alone": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "a line feed at last": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\nok",
    "too many headers": answer(b"ok", **{f"X_{number}": "a" for number in range(128)}),
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a bad length": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nab",
    "a long header": answer(b"", X="x" * 100_000),
    "a long header that comes at once": answer(b"", X="x" * 40_000),
    "damaged": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.fixture(params=FETCHES)
async def visit(request: pytest.FixtureRequest) -> AsyncIterator[Visitor]:
    """It does not look at certificates."""
    async with FETCHES[request.param](verify_tls=False) as fetch:
        yield Visitor(fetch)


@pytest.fixture(params=[False, True], ids=["http", "https"])
def over_tls(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def says(*, over_tls: bool) -> Says:
    return partial(saying, over_tls=over_tls)


def described(outcome: Outcome) -> Outcome:
    """Ports and times differ."""
    if isinstance(outcome, Page):
        return replace(outcome, elapsed_s=0.0, final_url="/" + outcome.final_url.split("/", 3)[3])
    return replace(outcome, elapsed_s=0.0)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("manner", MANNERS)
async def test_an_answer_means_what_it_does_by_a_session(visit: Visitor, says: Says, manner: str, method: str) -> None:
    said, path = MANNERS[manner], "/a?b=%20c"
    if method == "HEAD":
        said = said.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if manner != "with hints before" else said[:-2]
    async with says(said) as site:
        expected = described(await visit(f"{site.url}{path}", method=method, headers=BY_SESSION))
    async with says(said) as site:
        assert described(await visit(f"{site.url}{path}", method=method)) == expected
    async with says(answer(b""), said, closes=False) as site:
        await visit.page(site.url)
        assert described(await visit(f"{site.url}{path}", method=method)) == expected
        assert site.connections == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("asked", ["/", "/a/b?c=d&e=%C3%BC", "/a%2Fb;c?", "/#d"])
async def test_it_is_the_same_to_the_byte(visit: Visitor, says: Says, asked: str, method: str) -> None:
    async with says(*[answer(b"")] * 3, closes=False) as site:
        for headers in ({}, {}, BY_SESSION):
            await visit.page(f"{site.url}{asked}", method=method, headers=headers)
        new, kept, by_session = site.asked
        assert new == kept == by_session.replace(b"X-A: b\r\n", b"")
        assert site.connections == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", FETCHES)
async def test_it_is_the_same_where_no_connection_is_kept(says: Says, name: str, method: str) -> None:
    async with FETCHES[name](verify_tls=False, keepalive_s=0.0) as fetch, says(*[answer(b"")] * 2) as site:
        for headers in ({}, BY_SESSION):
            await Visitor(fetch).page(site.url, method=method, headers=headers)
        new, by_session = site.asked
        assert new == by_session.replace(b"X-A: b\r\n", b"")
        assert b"\r\nConnection: close\r\n" in new


async def test_it_goes_past_the_session(says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    by_session = aiohttp.ClientSession._request

    async def counted(self: aiohttp.ClientSession, method: str, *values: Any, **named: Any) -> aiohttp.ClientResponse:
        asked.append(method)
        return await by_session(self, method, *values, **named)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", counted)
    async with FETCHES["aiohttp"](verify_tls=False) as fetch, says(*[answer(b"")] * 4, closes=False) as site:
        visit = Visitor(fetch)
        for method in ("GET", "HEAD", "GET"):
            await visit.page(site.url, method=method)
        assert asked == []
        await visit.page(site.url, headers=BY_SESSION)
    assert asked == ["GET"]


async def test_what_makes_a_request_more_than_plain_goes_along(visit: Visitor, says: Says) -> None:
    plenty = {"headers": {"X-A": "b"}, "options": {"user_agent": "Other/1"}, "params": {"c": "d"}}
    async with says(*[answer(b"")] * 4, closes=False) as site:
        for request in ({}, plenty, {"method": "PUT", "data": {"e": "f"}}):
            await visit.page(site.url, **request)
        await visit.page(site.url.replace("//", "//me:secret@"))
        _, second, third, fourth = (asked.lower() for asked in site.asked)
        assert all(each in second for each in (b"x-a: b", b"user-agent: other/1", b"/?c=d "))
        assert third.endswith(b'{"e":"f"}')
        assert b"authorization: basic " in fourth


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_connection_that_was_closed_meanwhile_is_followed_by_a_new_one(
    visit: Visitor, says: Says, method: str
) -> None:
    async with says(answer(b""), SILENCE, answer(b""), closes=False) as site:
        await visit.page(site.url)
        await visit.page(site.url, method=method)
        assert (len(site.asked), site.connections) == (3, 2)


@settings(max_examples=100, deadline=None)
@given(said=answers(), piece_bytes=st.none() | st.integers(1, 40))
@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("name", FETCHES)
def test_whatever_is_said_means_what_it_does_by_a_session(
    name: str,
    tls: bool,  # noqa: FBT001 - a parameter as the others
    said: bytes,
    piece_bytes: int | None,
) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        by_session, new, kept = runner.run(_all_ways(name, partial(saying, over_tls=tls), said, piece_bytes))
    assert meaning(new) == meaning(kept) == meaning(by_session)


async def _all_ways(name: str, says: Says, said: bytes, piece_bytes: int | None) -> list[Outcome]:
    found = []
    async with FETCHES[name](verify_tls=False) as fetch:
        visit = Visitor(fetch)
        for headers in (BY_SESSION, {}):
            async with says(said, piece_bytes=piece_bytes) as site:
                found.append(await visit(site.url, timeout_s=1.0, headers=headers))
        async with says(answer(b""), said, closes=False, ends=True, piece_bytes=piece_bytes) as site:
            await visit.page(site.url)
            return [*found, await visit(site.url, timeout_s=1.0)]


def meaning(outcome: Outcome) -> object:
    """Ports differ."""
    return replace(outcome, final_url="", elapsed_s=0.0) if isinstance(outcome, Page) else outcome.error_type


async def test_what_nobody_asked_for_is_no_answer_to_the_next(visit: Visitor, says: Says) -> None:
    """Whether it comes with the head of what was asked for, or with its body."""
    more, head_bytes = answer(b"1") + b"unasked", len(answer(b""))
    async with says(answer(b""), more, answer(b"2"), closes=False, piece_bytes=head_bytes) as site:
        await visit.page(site.url)
        await visit(site.url)
        assert (await visit.page(site.url)).body == b"2"
        assert site.connections == 2


@pytest.mark.parametrize("headers", [{}, {"X-A": "b"}])
async def test_what_came_before_it_was_asked_for_is_no_answer(
    visit: Visitor, says: Says, headers: dict[str, str]
) -> None:
    async with says(answer(b"1"), answer(b"2"), closes=False) as site, says(answer(b"")) as other:
        await visit.page(site.url)
        site.writers[0].write(answer(b"no"))
        await visit.page(other.url)  # by then it is there
        assert (await visit.page(site.url, headers=headers)).body == b"2"
        assert site.connections == 2


async def test_of_an_answer_in_pieces_nothing_is_left_to_the_next(visit: Visitor, says: Says) -> None:
    async with says(answer(b""), answer(b"", X_A="b"), answer(b"2"), closes=False, piece_bytes=7) as site:
        for _ in range(2):
            await visit.page(site.url)
        page = await visit.page(site.url)
        assert (page.body, page.headers) == (b"2", (("Content-Length", "1"),))
        assert site.connections == 1


async def test_a_body_that_broke_off_before_it_was_read_is_no_wait(visit: Visitor, says: Says) -> None:
    async with (
        says(answer(b""), answer(b"body")[:-1], closes=False, ends=True) as site,
        says(answer(b"")) as other,
    ):
        await visit.page(site.url)
        outcome = await visit.failure(site.url, credit=Slow(lambda: visit.page(other.url)))
        assert outcome.error_type == ErrorType.CONNECTION_LOST


class Slow:
    """Gives what is asked of it, once that is done."""

    held = 0
    most = CHUNK_BYTES

    def __init__(self, done: Callable[[], Awaitable[object]]) -> None:
        self._done = done

    async def reach(self, size: int) -> None:
        await self._done()
        self.held = size


async def test_a_connection_that_is_kept_and_closed_is_closed(visit: Visitor, says: Says) -> None:
    both = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    async with says(answer(b""), both, answer(b""), closes=False) as site:
        for _ in range(3):
            await visit.page(site.url)
        assert site.connections == 2


@pytest.mark.parametrize("before", [[], [answer(b"")]], ids=["new", "kept"])
async def test_a_request_is_sent_twice_at_most(visit: Visitor, says: Says, before: list[bytes]) -> None:
    async with says(*before, SILENCE, SILENCE, answer(b""), closes=False) as site:
        for _ in before:
            await visit.page(site.url)
        failure = await visit.failure(site.url)
        assert (failure.error_type, failure.may_have_left) == (ErrorType.CONNECTION_LOST, True)
        assert len(site.asked) == len(before) + 2


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
async def test_what_is_broken_off_leaves_no_connection_behind(visit: Visitor, says: Says, begun: bytes) -> None:
    """The next request would read the rest of its answer."""
    waits = begun or b"H"
    async with says(answer(b""), waits, answer(b"2"), closes=False) as site:
        await visit.page(site.url)
        task = asyncio.create_task(visit(site.url))
        await eventually(lambda: len(site.asked) == 2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await visit.page(site.url)).body == b"2"
        assert site.connections == 2


async def test_a_site_that_falls_silent_is_not_waited_for(visit: Visitor, says: Says) -> None:
    async with says(answer(b""), b"HTTP/1.1 200", closes=False) as site:
        await visit.page(site.url)
        assert (await visit.failure(site.url, timeout_s=0.2)).error_type is ErrorType.TOTAL_TIMEOUT
    async with (
        FETCHES["aiohttp"](read_s=0.1, verify_tls=False) as fetch,
        says(answer(b""), b"HTTP/1.1 200", closes=False) as site,
    ):
        impatient = Visitor(fetch)
        await impatient.page(site.url)
        assert (await impatient.failure(site.url)).error_type is ErrorType.READ_TIMEOUT
