"""What every Fetch promises. An adapter is a line in FETCHES."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from hashlib import sha256
from typing import Any

import orjson
import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fetch.client import Client
from engine.fetch.limits import CHUNK_BYTES, Limits
from engine.jobs.address import canonical
from engine.jobs.outcome import ErrorType, Failure, Outcome, Page
from engine.jobs.ports import Credit, Fetch, Sink
from engine.jobs.request import Options, Request
from perf.origin.server import serving
from tests.contracts.budget import an_allowance
from tests.contracts.scripted import SILENCE, answer, saying

NOW = 1_700_000_000.0
TIMEOUT_S = 5.0

gzipped = partial(gzip.compress, mtime=0)
"""The same bytes in every process that collects these tests."""


@asynccontextmanager
async def aiohttp_client(**limits: Any) -> AsyncIterator[Fetch]:
    client = Client(limits=Limits(**{"user_agent": "Tester/1", **limits}), now=lambda: NOW)
    await client.open()
    try:
        yield client
    finally:
        await client.close()


FETCHES = {"aiohttp": aiohttp_client}


class Pieces(list[bytes]):
    """A sink that keeps what it is given."""

    async def __call__(self, piece: bytes) -> None:
        self.append(piece)


class Visitor:
    """Fetches with few words."""

    def __init__(self, fetch: Fetch) -> None:
        self.fetch = fetch

    async def __call__(
        self,
        url: str,
        *,
        timeout_s: float = TIMEOUT_S,
        sink: Sink | None = None,
        credit: Credit | None = None,
        options: Any = None,
        **request: Any,
    ) -> Outcome:
        address = canonical(url)
        asked = Request(url=address.url, host=address.host, options=Options(**options or {}), **request)
        return await self.fetch(
            asked, timeout_s=timeout_s, sink=Pieces() if sink is None else sink, credit=credit or an_allowance()
        )

    async def page(self, url: str, **request: Any) -> Page:
        outcome = await self(url, **request)
        assert isinstance(outcome, Page), outcome
        return outcome

    async def failure(self, url: str, **request: Any) -> Failure:
        outcome = await self(url, **request)
        assert isinstance(outcome, Failure), outcome
        return outcome

    async def echo(self, url: str, **request: Any) -> dict[str, Any]:
        echoed: dict[str, Any] = orjson.loads((await self.page(url, **request)).body)
        return echoed | {"headers": {name.lower(): value for name, value in echoed["headers"]}}


@pytest.fixture(params=FETCHES)
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[Callable[..., Any]]:
    """Opens a visitor with limits of its own."""
    async with AsyncExitStack() as stack:

        async def opened(**limits: Any) -> Visitor:
            return Visitor(await stack.enter_async_context(FETCHES[request.param](**limits)))

        yield opened


@pytest.fixture
async def visit(opened: Callable[..., Any]) -> Visitor:
    visitor: Visitor = await opened()
    return visitor


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    async with serving(seed=7) as url:
        yield url


async def test_pages_arrive_whole_and_are_described(visit: Visitor, origin: str) -> None:
    listed = orjson.loads((await visit.page(f"{origin}/manifest?n=20")).body)["pages"]
    for number, promised in enumerate(listed):
        page = await visit.page(f"{origin}/page/{number}")
        assert sha256(page.body).hexdigest() == promised["sha256"]
        assert (page.status_code, page.charset, page.chunks) == (200, "utf-8", None)
        assert page.size == len(page.body) == promised["bytes"]
        assert page.final_url == f"{origin}/page/{number}"
        assert ("Content-Type", page.content_type) in page.headers


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/hang", ErrorType.TOTAL_TIMEOUT),
        ("/slow/1000?every_ms=50", ErrorType.TOTAL_TIMEOUT),
        ("/headers-late/60000", ErrorType.TOTAL_TIMEOUT),
        ("/cut/1000", ErrorType.CONNECTION_LOST),
        ("/cut/400000", ErrorType.CONNECTION_LOST),
        ("/cut/chunked", ErrorType.CONNECTION_LOST),
        ("/refuse-after-request", ErrorType.CONNECTION_LOST),
        ("/big-header?bytes=1000000", ErrorType.CONNECTION_LOST),
        ("/bad-encoding", ErrorType.BAD_ENCODING),
        ("/bomb/16", ErrorType.BODY_TOO_LARGE),
        ("/redirect/loop", ErrorType.TOO_MANY_REDIRECTS),
        ("/redirect/11", ErrorType.TOO_MANY_REDIRECTS),
        ("/redirect/to?url=ftp://site.test/", ErrorType.UNSUPPORTED_SCHEME),
        ("/redirect/to?url=javascript:alert(1)", ErrorType.UNSUPPORTED_SCHEME),
        ("/redirect/to?url=http://[", ErrorType.INVALID_URL),
        ("/redirect/to?url=http://a..b/", ErrorType.INVALID_URL),
        ("/redirect/to?url=http://127.0.0.1:1/", ErrorType.CONNECT),
    ],
)
async def test_what_goes_wrong_on_the_way_is_a_failure_of_its_kind(
    visit: Visitor, origin: str, path: str, expected: ErrorType
) -> None:
    failure = await visit.failure(f"{origin}{path}", timeout_s=0.5)
    assert failure.error_type is expected
    assert failure.may_have_left
    assert failure.message


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1/", ErrorType.CONNECT),
        ("http://nowhere.invalid/", ErrorType.DNS),
    ],
)
async def test_what_cannot_be_reached_has_not_been_asked(visit: Visitor, url: str, expected: ErrorType) -> None:
    failure = await visit.failure(url)
    assert (failure.error_type, failure.may_have_left) == (expected, False)


async def test_a_site_without_tls_is_told_from_one_that_is_silent(opened: Callable[..., Any], origin: str) -> None:
    visit = await opened(connect_s=0.2)
    refused = await visit.failure(origin.replace("http:", "https:"))
    assert (refused.error_type, refused.may_have_left) == (ErrorType.TLS, False)
    mute = await asyncio.start_server(_listen, "127.0.0.1", 0)
    async with mute:
        silent = await visit.failure(f"https://127.0.0.1:{mute.sockets[0].getsockname()[1]}/")
    assert (silent.error_type, silent.may_have_left) == (ErrorType.CONNECT_TIMEOUT, False)


async def _listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def test_an_attempt_that_ends_unconnected_has_not_been_asked(visit: Visitor) -> None:
    async with await asyncio.start_server(_listen, "127.0.0.1", 0) as mute:
        failure = await visit.failure(f"https://127.0.0.1:{mute.sockets[0].getsockname()[1]}/", timeout_s=0.2)
    assert (failure.error_type, failure.may_have_left) == (ErrorType.CONNECT_TIMEOUT, False)


async def test_a_silent_site_runs_out_of_reading_time(opened: Callable[..., Any], origin: str) -> None:
    visit = await opened(read_s=0.2)
    assert (await visit.failure(f"{origin}/hang")).error_type is ErrorType.READ_TIMEOUT
    assert (await visit.failure(f"{origin}/slow/9?every_ms=1000")).error_type is ErrorType.READ_TIMEOUT


@pytest.mark.parametrize("packed", ["", "?gzip=1", "?deflate=1"])
@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
@pytest.mark.parametrize("wants_whole", [False, True])
async def test_a_body_comes_in_one_piece_or_in_chunks(
    visit: Visitor, origin: str, size: int, packed: str, *, wants_whole: bool
) -> None:
    pieces, url = Pieces(), f"{origin}/size/{size}{packed}"
    page = await visit.page(url, sink=pieces, options={"extract_text": wants_whole})
    assert page.size == size
    if size <= CHUNK_BYTES:
        assert (page.chunks, pieces, len(page.body)) == (None, [], size)
        return
    whole = b"".join(pieces)
    assert [len(piece) for piece in pieces[:-1]] == [CHUNK_BYTES] * (len(pieces) - 1)
    assert len(whole) == size
    assert page.chunks is not None
    assert (page.chunks.count, page.chunks.sha256) == (len(pieces), sha256(whole).hexdigest())
    assert page.body == (whole if wants_whole else b"")


@pytest.mark.parametrize("path", ["/size/70000", "/size/70000?gzip=1", "/binary/70000", "/bomb/1"])
async def test_the_cap_is_on_decoded_bytes(visit: Visitor, origin: str, path: str) -> None:
    failure = await visit.failure(f"{origin}{path}", options={"max_body_bytes": 69_999})
    assert failure.error_type is ErrorType.BODY_TOO_LARGE
    if "bomb" not in path:
        assert (await visit.page(f"{origin}{path}", options={"max_body_bytes": 70_000})).size == 70_000


async def test_a_slow_sink_does_not_use_up_the_time_of_the_site(visit: Visitor, origin: str) -> None:
    async def slow(_: bytes) -> None:
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.5)

    page = await visit.page(f"{origin}/size/{2 * CHUNK_BYTES}", sink=slow, timeout_s=0.8)
    assert page.elapsed_s < 0.8


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (301, "PUT", "PUT"),
        (302, "DELETE", "DELETE"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
    ],
)
async def test_a_redirect_changes_the_method_as_the_standard_says(
    visit: Visitor, status: int, method: str, then: str
) -> None:
    async with saying(answer(status=f"{status} Go", Location="/there"), answer(b"ok")) as site:
        page = await visit.page(f"{site.url}/here", method=method, data={"a": 1})
    first, second = site.asked
    assert first.startswith(f"{method} /here ".encode())
    assert second.startswith(f"{then} /there ".encode())
    assert second.endswith(b'{"a":1}') == (then == method)
    assert (b"content-type" in second.lower()) == (then == method)
    assert page.final_url == f"{site.url}/there"


SECRETS = {"Authorization": "Bearer s", "Cookie": "a=s", "X-Api-Key": "s", "Proxy-Authorization": "s"}


async def test_secrets_stay_with_the_site_they_were_meant_for(visit: Visitor, origin: str) -> None:
    headers = SECRETS | {"Accept-Language": "de", "User-Agent": "Mine/2"}
    home = await visit.echo(f"{origin}/redirect/to?url=/echo", headers=headers)
    assert {name: home["headers"].get(name.lower()) for name in headers} == headers
    async with serving(seed=1) as stranger:
        away = await visit.echo(f"{origin}/redirect/to?url={stranger}/echo", headers=headers)
    assert not {name.lower() for name in SECRETS} & away["headers"].keys()
    assert (away["headers"]["accept-language"], away["headers"]["user-agent"]) == ("de", "Mine/2")


async def test_credentials_of_the_url_are_sent_as_a_header_and_not_shown(visit: Visitor, origin: str) -> None:
    url = f"{origin}/echo".replace("http://", "http://us%40er:p%3Aw@")
    page = await visit.page(url)
    assert b"Basic dXNAZXI6cDp3" in page.body
    assert page.final_url == f"{origin}/echo"


async def test_cookies_go_along_to_the_end_of_a_trip_and_no_further(visit: Visitor) -> None:
    moved = answer(status="302 Go", Location="/in", Set_Cookie="visit=1; Path=/")
    async with saying(moved, answer(b"ok"), answer(b"ok")) as site:
        await visit.page(f"{site.url}/")
        await visit.page(f"{site.url}/in")
    assert [b"visit=1" in asked for asked in site.asked] == [False, True, False]


async def test_a_redirect_that_is_not_followed_is_the_page(opened: Callable[..., Any], origin: str) -> None:
    visit = await opened(follow_redirects=False)
    page = await visit.page(f"{origin}/redirect/1")
    assert (page.status_code, page.final_url) == (302, f"{origin}/redirect/1")


async def test_a_redirect_without_a_location_is_the_page(visit: Visitor) -> None:
    async with saying(answer(b"lost", status="302 Found")) as site:
        page = await visit.page(site.url)
    assert (page.status_code, page.body) == (302, b"lost")


@pytest.mark.parametrize("status", [200, 204, 304, 400, 404, 410, 429, 500, 501, 503])
async def test_every_final_status_is_a_page(visit: Visitor, origin: str, status: int) -> None:
    assert (await visit.page(f"{origin}/status/{status}")).status_code == status


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0), ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0), ("soon", None)],
)
async def test_what_the_site_asked_for_is_in_seconds(visit: Visitor, value: str, seconds: float | None) -> None:
    async with saying(answer(status="503 Later", Retry_After=value)) as site:
        assert (await visit.page(site.url)).retry_after_s == seconds


async def test_a_request_is_sent_as_it_was_asked_for(visit: Visitor, origin: str) -> None:
    echoed = await visit.echo(
        f"{origin}/echo?a=1",
        method="PUT",
        params={"b": "é &", "c": [1, True, None], "d": None},
        data={"x": [1, None]},
        headers={"X-Mine": "1", "Content-Length": "999", "Accept-Encoding": "br, gzip;q=0.5"},
        options={"user_agent": "Mine/1"},
    )
    assert echoed["method"] == "PUT"
    assert echoed["query"] == [["a", "1"], ["b", "é &"], ["c", "1"], ["c", "true"]]
    assert orjson.loads(echoed["body"]) == {"x": [1, None]}
    sent = {name: echoed["headers"][name] for name in ("content-type", "user-agent", "x-mine", "accept-encoding")}
    assert sent == {
        "content-type": "application/json",
        "user-agent": "Mine/1",
        "x-mine": "1",
        "accept-encoding": "gzip;q=0.5",
    }


async def test_a_form_is_sent_where_the_content_type_says_so(visit: Visitor, origin: str) -> None:
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    echoed = await visit.echo(
        f"{origin}/echo", method="POST", data={"a": "ü&", "b": [1, 2]}, headers={"content-type": kind}
    )
    assert (echoed["body"], echoed["headers"]["content-type"]) == ("a=%C3%BC%26&b=1&b=2", kind)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_every_method_is_sent(visit: Visitor, origin: str, method: str) -> None:
    echoed = await visit.echo(f"{origin}/echo", method=method)
    assert (echoed["method"], echoed["headers"]["user-agent"]) == (method, "Tester/1")


async def test_a_head_has_no_body_however_large_it_says_it_is(visit: Visitor, origin: str) -> None:
    page = await visit.page(f"{origin}/size/70000?gzip=1", method="HEAD", options={"max_body_bytes": 1})
    assert (page.status_code, page.body, page.size) == (200, b"", 0)


async def test_a_header_that_cannot_be_written_fails_before_it_is_sent(visit: Visitor) -> None:
    async with saying(answer(b"ok")) as site:
        for headers in ({"X": "a\r\nY: b"}, {"X Y": "a"}, {"": "a"}):
            failure = await visit.failure(site.url, headers=headers)
            assert (failure.error_type, failure.may_have_left) == (ErrorType.INTERNAL, False)
    assert site.asked == []


async def test_what_must_not_be_sent_twice_never_is(visit: Visitor) -> None:
    """The site closes each connection after one answer, without saying so."""
    for method in ("POST", "PATCH"):
        async with saying(answer(b"1"), SILENCE, answer(b"3"), closes=False) as site:
            await visit.page(site.url)
            failure = await visit.failure(site.url, method=method, data={"a": 1})
            assert (failure.error_type, failure.may_have_left) == (ErrorType.CONNECTION_LOST, True)
            assert len(site.asked) == 2


async def test_connections_are_kept(visit: Visitor) -> None:
    async with saying(*[answer(b"ok")] * 5, closes=False) as site:
        for _ in range(5):
            await visit.page(site.url)
        assert site.connections == 1


async def test_a_proxy_is_asked_instead_of_the_site(visit: Visitor) -> None:
    async with saying(answer(b"ok")) as proxy:
        page = await visit.page("http://site.test/x", options={"proxy": proxy.url})
    assert (page.body, page.final_url) == (b"ok", "http://site.test/x")
    assert proxy.asked[0].startswith(b"GET http://site.test/x HTTP/1.1")


async def test_a_proxy_that_is_not_there_is_no_connection(visit: Visitor) -> None:
    failure = await visit.failure("http://site.test/", options={"proxy": "http://me:secret@127.0.0.1:1"})
    assert (failure.error_type, failure.may_have_left) == (ErrorType.CONNECT, False)
    assert "secret" not in failure.message


@pytest.mark.parametrize("path", ["/hang", "/slow/1000?every_ms=50", "/redirect/to?url=/hang"])
async def test_a_cancelled_fetch_ends_at_once(visit: Visitor, origin: str, path: str) -> None:
    task = asyncio.create_task(visit(f"{origin}{path}"))
    await asyncio.wait([task], timeout=0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzipped(b"text")),
        ("x-gzip", gzipped(b"te") + gzipped(b"xt")),
        ("gzip", gzipped(b"text") + b"\0\0rubbish"),
        ("deflate", zlib.compress(b"text")),
        ("deflate", zlib.compress(b"text", wbits=-15)),
        ("utf-8", b"text"),
        ("identity", b"text"),
        ("GZIP", gzipped(b"text")),
    ],
)
async def test_a_coding_is_undone_as_browsers_do(visit: Visitor, coding: str, body: bytes) -> None:
    async with saying(answer(body, Content_Encoding=coding)) as site:
        assert (await visit.page(site.url)).body == b"text"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzipped(b"text")[:-9]),
        ("deflate", zlib.compress(b"text" * 99)[:-6]),
        ("gzip", gzipped(b"text")[:-6] + b"\0\0\0\0\0\0"),
        ("gzip, gzip", gzipped(gzipped(b"text"))),
        ("br", b"\x0b\x01\x80text\x03"),
        ("gzip", gzipped(b"") * 1001),
    ],
)
async def test_a_coding_that_cannot_be_undone_is_a_failure(visit: Visitor, coding: str, body: bytes) -> None:
    async with saying(answer(body, Content_Encoding=coding)) as site:
        assert (await visit.failure(site.url)).error_type is ErrorType.BAD_ENCODING


async def test_headers_are_text_that_can_be_stored(visit: Visitor) -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: caf\xc3\xa9\r\nX-B: caf\xe9\r\n\r\n"
    async with saying(raw) as site:
        page = await visit.page(site.url)
    assert page.headers[1:] == (("X-A", "café"), ("X-B", "café"))


HEADS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 404 No\r\n",
    b"HTTP/1.1 302 Go\r\n",
    b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 999 Odd\r\n",
    b"HTTP/1.1 000 Odd\r\n",
    b"HTTP/9.9 200\r\n",
    b"ICY 200 OK\r\n",
]
HEADERS = [
    b"Content-Length: 4\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 4, 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: deflate\r\n",
    b"Content-Type: text/html; charset=\xff\xfe\r\n",
    b"Content-Type: \x80;;;charset=\r\n",
    b"Location: http://[::1\r\n",
    b"Location: //\xff\xfe/\x80\r\n",
    b"Location: http://127.0.0.1:99999/\r\n",
    b"Location: \\\\x\r\n",
    b"Location: data:,x\r\n",
    b"Location: http://%00/\r\n",
    b"Set-Cookie: =;;;\xff=;expires=x\r\n",
    b"Retry-After: Fri, 31 Feb 99999 25:61:61 GMT\r\n",
    b"Retry-After: -1\r\n",
    b"X: " + b"x" * 70_000 + b"\r\n",
    b": empty\r\n",
    b"No colon\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alive\r\n",
]
BODIES = [
    b"text",
    b"4\r\ntext\r\n0\r\n\r\n",
    b"ffffffffffffffffff\r\n",
    b"zz\r\n",
    b"4\r\ntextra",
    gzipped(b"text"),
    gzipped(b"x" * 400_000),
    b"\x1f\x8b",
]


def answers() -> st.SearchStrategy[bytes]:
    """What a broken or evil site may say: fit to be understood for the most part, and then not."""
    headers = st.lists(st.sampled_from(HEADERS) | st.binary(max_size=20), max_size=4).map(b"".join)
    body = st.sampled_from(BODIES) | st.binary(max_size=50)
    built = st.builds(b"%b%b\r\n%b".__mod__, st.tuples(st.sampled_from(HEADS), headers, body))
    return built | st.tuples(built, built).map(b"".join) | st.binary(max_size=100)


@settings(max_examples=300, deadline=None)
@given(said=st.lists(answers(), min_size=1, max_size=3), method=st.sampled_from(["GET", "HEAD", "POST"]))
@pytest.mark.parametrize("name", FETCHES)
def test_whatever_a_site_says_comes_out_as_a_value(name: str, said: list[bytes], method: str) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(_visited(name, said, method))
    assert isinstance(outcome, Page | Failure)
    if isinstance(outcome, Page):
        assert 200 <= outcome.status_code <= 999
        assert all(text.encode() is not None for header in outcome.headers for text in header)


async def _visited(name: str, said: list[bytes], method: str) -> Outcome:
    async with saying(*said) as site, FETCHES[name]() as fetch:
        return await Visitor(fetch)(site.url, method=method, timeout_s=1.0)
