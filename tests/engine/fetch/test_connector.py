"""A connection is made, or fails, as aiohttp by itself would have it, and what is given up leaves nothing open."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import aiohttp
import psutil
import pytest
from aiohttp.abc import ResolveResult

from engine.fetch import connector
from engine.fetch.failures import WEB_ERRORS, problem_of
from engine.fetch.plain import PlainProtocol
from engine.fetch.problem import ProblemError
from engine.jobs.outcome import ErrorType
from tests.conftest import eventually
from tests.contracts.scripted import answer, saying
from tests.contracts.test_fetch import Visitor, aiohttp_client
from tests.contracts.test_fetch_times import times_of

CONNECT_S = 0.3
FAILURES = {
    "refused": ("http://127.0.0.1:1/", ErrorType.CONNECT, "connect"),
    "refused for tls": ("https://127.0.0.1:1/", ErrorType.CONNECT, "connect"),
    "unreachable": ("http://224.0.0.1/", ErrorType.CONNECT, "connect"),
    "not found": ("http://nowhere.invalid/", ErrorType.DNS, "dns"),
    "in vain": ("{full}", ErrorType.CONNECT_TIMEOUT, "connect"),
    "no tls": ("{plain}", ErrorType.TLS, "tls"),
    "not trusted": ("{secret}", ErrorType.TLS, "tls"),
}
HEADERS: dict[str, dict[str, str]] = {"plain": {}, "by a session": {"X-A": "b"}}
NOBODY = ["127.0.0.2", "127.0.0.3"]


@contextmanager
def full(host: str = "127.0.0.1", port: int = 0) -> Iterator[socket.socket]:
    """A site that takes no more connections and refuses none."""
    with socket.socket() as site, socket.socket() as last:
        site.bind((host, port))
        site.listen(0)
        last.connect(site.getsockname())
        yield site


def url_of(site: socket.socket) -> str:
    host, port = site.getsockname()
    return f"http://{host}:{port}/"


@asynccontextmanager
async def plain() -> AsyncIterator[str]:
    """Answers without TLS, whatever it is asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer(status="400 No"))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def is_dialled(site: socket.socket) -> bool:
    """Has this process a socket that waits for an answer from there?"""
    sockets = psutil.Process().net_connections("tcp")
    return any(each.raddr == site.getsockname() and each.status == psutil.CONN_SYN_SENT for each in sockets)


@asynccontextmanager
async def visiting(**limits: float) -> AsyncIterator[Visitor]:
    async with aiohttp_client(**limits) as fetch:
        yield Visitor(fetch)


async def by_aiohttp(url: str) -> ProblemError:
    """What a session of its own says, which is nothing of ours."""
    times = aiohttp.ClientTimeout(total=None, connect=CONNECT_S, ceil_threshold=60.0)
    async with aiohttp.ClientSession(timeout=times) as session:
        try:
            await session.get(url)
        except WEB_ERRORS as error:
            return problem_of(error)
    raise AssertionError("it was reached")


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize(("asked", "kind", "stage"), FAILURES.values(), ids=FAILURES)
async def test_a_failure_is_that_which_aiohttp_tells(
    asked: str, kind: ErrorType, stage: str, headers: dict[str, str]
) -> None:
    async with plain() as site, saying(over_tls=True) as secret, visiting(connect_s=CONNECT_S) as visit:
        with full() as mute:
            url = asked.format(full=url_of(mute), plain=f"https://{site}/", secret=secret.url)
            expected, failure = await by_aiohttp(url), await visit.failure(url, headers=headers)
    assert failure.error_type is expected.error_type is kind
    assert failure.message.rpartition(": ")[0] == expected.message.rpartition(": ")[0]
    assert not failure.may_have_left
    assert stage in times_of(failure)
    assert not times_of(failure).keys() & {"body"}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
async def test_what_is_given_up_while_it_is_dialled_leaves_no_socket(headers: dict[str, str]) -> None:
    async with visiting() as visit:
        with full() as site:
            cancelled, late = [
                asyncio.create_task(visit(url_of(site), headers=headers, timeout_s=seconds)) for seconds in (60.0, 0.5)
            ]
            await eventually(lambda: is_dialled(site))
            cancelled.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cancelled
            assert getattr(await late, "error_type", None) is ErrorType.CONNECT_TIMEOUT
            await eventually(lambda: not is_dialled(site))


async def test_what_is_made_once_the_client_has_closed_is_closed_unused() -> None:
    """The site has room again, and answers when it is knocked at once more, a second after the first time."""
    loop = asyncio.get_running_loop()
    with full() as site:
        async with visiting() as visit:
            late = asyncio.create_task(visit(url_of(site)))
            await eventually(lambda: is_dialled(site))
        site.setblocking(False)
        first, _ = await loop.sock_accept(site)
        made, _ = await loop.sock_accept(site)
        with first, made:
            assert await asyncio.wait_for(loop.sock_recv(made, 1), timeout=5.0) == b""
        assert getattr(await late, "error_type", None) is ErrorType.CONNECTION_LOST


async def test_a_site_that_speaks_first_has_answered() -> None:
    loop = asyncio.get_running_loop()
    here, there = socket.socketpair()
    with there:
        transport, protocol = await loop.create_connection(partial(PlainProtocol, loop), sock=here)
        there.sendall(answer(b"early"))
        await eventually(lambda: not protocol.is_free)
        async with asyncio.timeout(5.0):
            assert await protocol.ask(b"") is None
            message, content = await protocol.read()
        assert (message.code, await content.read()) == (200, b"early")
        transport.close()


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("addresses", [["127.0.0.1"], [*NOBODY, "127.0.0.1"]], ids=len)
async def test_all_addresses_of_a_name_are_dialled(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str], headers: dict[str, str]
) -> None:
    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", naming(addresses, []))
    async with saying(answer(b"ok")) as site, visiting() as visit:
        page = await visit.page(site.url.replace("127.0.0.1", "site.test"), headers=headers)
    assert page.body == b"ok"
    assert {"connect", "first_byte", "body"} <= times_of(page).keys()


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
async def test_the_next_address_is_dialled_beside_one_that_is_silent(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", naming([NOBODY[0], "127.0.0.1"], []))
    async with saying(answer(b"ok")) as site, visiting() as visit:
        with full(NOBODY[0], int(site.url.rpartition(":")[2])) as silent:
            page = await visit.page(site.url.replace("127.0.0.1", "site.test"), headers=headers)
            assert page.body == b"ok"
            assert not is_dialled(silent)


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("addresses", [NOBODY[:1], NOBODY], ids=len)
async def test_a_name_whose_addresses_all_refuse_is_refused(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str], headers: dict[str, str]
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", naming(addresses, asked))
    async with visiting() as visit:
        failure = await visit.failure("http://site.test:1/", headers=headers)
    assert len(asked) == 1
    assert (failure.error_type, failure.may_have_left) == (ErrorType.CONNECT, False)
    assert failure.message.startswith("cannot connect to site.test: ")
    assert "connect" in times_of(failure)


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("addresses", [["127.0.0.1"], [*NOBODY, "127.0.0.1"]], ids=len)
async def test_an_address_that_must_not_be_dialled_is_told_as_unconnected(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str], headers: dict[str, str]
) -> None:
    def forbid(_: object) -> None:
        raise PermissionError(1, "forbidden")

    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", naming(addresses, []))
    monkeypatch.setattr(connector, "_dials", forbid)
    async with saying(answer(b"ok")) as site, visiting() as visit:
        failure = await visit.failure(site.url.replace("127.0.0.1", "site.test"), headers=headers)
        assert site.connections == 0
    assert (failure.error_type, failure.may_have_left) == (ErrorType.CONNECT, False)


def naming(addresses: list[str], asked: list[str]) -> Callable[..., Awaitable[list[ResolveResult]]]:
    """Every name means these addresses."""

    async def resolve(_: object, host: str, port: int = 0, **__: object) -> list[ResolveResult]:
        asked.append(host)
        return [
            ResolveResult(hostname=host, host=each, port=port, family=socket.AF_INET, proto=0, flags=0)
            for each in addresses
        ]

    return resolve
